// What the directory's "no" means: result code and diagnostic become a Failure that the story can
// act on.
//
// Purpose: the one place that knows the result codes and texts of Active Directory, Windows' and
// Samba's. Pure. One code means different things for different actions (68 is a name in use, or a
// member that is already there), so the action is part of the question. Failures: none; what is not
// known becomes `refused` with the directory's own words. Limits: diagnostics are cut to 300 bytes.
#pragma once

#include <writeback/result.hpp>

#include <string>
#include <string_view>

namespace writeback {

enum class DirectoryAction {
    bind,
    read,
    create,
    modify,
    convert,
    rename,
    move,
    add_members,
    remove_members,
    remove,
    watch,
    replace_mark,  // of an object that is to become ours, or to cease to be
    reanimate,
    create_container
};
// "create", "add members of": what stands before the subject's name in a sentence.
[[nodiscard]] std::string_view words_of(DirectoryAction action);

struct DirectoryAnswer {
    int code = 0;            // LDAP result code
    std::string diagnostic;  // as it came
};

// The rule for the members of groups that a Windows error names, as a sentence, or nothing.
[[nodiscard]] std::string_view scope_rule(std::string_view code);

// `subject` is the distinguished name, or the server for a bind.
[[nodiscard]] Failure directory_failure(DirectoryAction action, std::string_view subject,
                                        const DirectoryAnswer& answer);

// The eight hexadecimal digits (a Windows error) that Active Directory puts first, or nothing.
[[nodiscard]] std::string_view windows_error(std::string_view diagnostic);

// The diagnostic as one printable line of limited length.
[[nodiscard]] std::string printable(std::string_view diagnostic);

}  // namespace writeback
