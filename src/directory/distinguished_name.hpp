// Distinguished names as RFC 4514 writes them: read, composed, compared.
//
// Purpose: names that hold anything (commas, quotes, newlines, emoji) reach the directory and come
// back as themselves, and the question "does this stand inside that container" is answered by
// structure, never by text. Pure. Failures: `unreadable` with the place. Limits: none of its own.
// Comparison folds ASCII letters only; Active Directory folds more, so two names that differ in the
// case of other letters count as different here, which refuses rather than permits.
#pragma once

#include <writeback/ids.hpp>
#include <writeback/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace writeback {

struct NamePart {
    std::string type;   // "CN", as written
    std::string value;  // unescaped bytes
};

// Several parts only where a name has "+"; Active Directory makes none.
using RelativeName = std::vector<NamePart>;

// From the object up to the root, as the text reads. Empty for the root itself.
using DistinguishedName = std::vector<RelativeName>;

// Reads a name. Blanks around separators are allowed, as people write them in configurations.
[[nodiscard]] Result<DistinguishedName> parse_name(std::string_view text);

// The text of a name; what parse_name reads back is the same name.
[[nodiscard]] std::string to_text(const DistinguishedName& name);

// A value as it stands behind "CN=".
[[nodiscard]] std::string escape_name_value(std::string_view value);

// "CN=<escaped>".
[[nodiscard]] std::string common_name(std::string_view cn);

// The name of an object with that CN in that container.
[[nodiscard]] Dn name_in(const Dn& container, std::string_view cn);

// Everything behind the first part. Empty when the name cannot be read or has no parent.
[[nodiscard]] Dn container_of(const Dn& name);

// Whether both name the same place. False when one of them cannot be read.
[[nodiscard]] bool same_name(const Dn& first, const Dn& second);

// Whether `name` stands somewhere below `ancestor`; nothing stands below itself.
[[nodiscard]] bool stands_below(const Dn& name, const Dn& ancestor);

}  // namespace writeback
