// OpenLDAP's command-line client beside the adapter: it sends what the adapter never would, such as
// the permissive modify control.
#pragma once

#include <string>

namespace writeback::testing {

struct ToolAnswer {
    int code = 0;        // LDAP result code
    std::string output;  // what the tool printed, diagnostics among it
};

enum class ToolAccount { service, administrator };

// Applies the LDIF. controls: arguments such as "-e 1.2.840.113556.1.4.1413".
ToolAnswer ldap_modify(ToolAccount account, const std::string& ldif,
                       const std::string& controls = "");
// arguments: base, scope, filter, attributes, quoted for the shell.
ToolAnswer ldap_search(ToolAccount account, const std::string& arguments);

}  // namespace writeback::testing
