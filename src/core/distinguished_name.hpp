// Distinguished names as far as decisions need them: composing one, its parent, and whether it lies
// below a container.
//
// Names compare as their relative names do: types and values without regard to ASCII case, escapes
// resolved, blanks around separators ignored. Letters beyond ASCII must agree in case; where they
// do not, a name counts as outside, which is the safe answer. Failures: a name that does not parse
// is below nothing and equal to nothing. Threads: pure, any thread.
#pragma once

#include <writeback/ids.hpp>

#include <string>
#include <string_view>

namespace writeback {

// CN=<value, escaped as RFC 4514 asks>,<container>
[[nodiscard]] Dn dn_in(const Dn& container, std::string_view cn);
// What follows the first relative name; empty for a name of one part.
[[nodiscard]] Dn parent_of(const Dn& name);
[[nodiscard]] bool is_same_name(const Dn& a, const Dn& b);
// Strictly below.
[[nodiscard]] bool is_below(const Dn& name, const Dn& container);

}  // namespace writeback
