// What a domain controller is asked for, what may go wrong with it, and what is told of a write.
//
// Values. Threads: pure.
#pragma once

#include "directory/ldap_operations.hpp"

#include <writeback/group.hpp>
#include <writeback/ids.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writeback::simulation {

struct DirectoryRequest {
    enum class Kind { connect, search, add, modify, rename, remove };
    Kind kind = Kind::search;
    std::string dn;  // as it was sent; of a search its base, of a connect the URL
    LdapSearch search;
    std::vector<LdapAttribute> attributes;  // of an add
    std::vector<LdapChange> changes;        // of a modify
    bool show_deleted = false;
    std::string new_name;  // of a rename
    std::string new_parent;

    [[nodiscard]] bool is_write() const { return kind != Kind::connect && kind != Kind::search; }
};
[[nodiscard]] std::string_view name_of(DirectoryRequest::Kind kind);

// An answer without entries.
[[nodiscard]] LdapReply reply_of(int code, std::string diagnostic);

// What befalls one request, when the domain controller comes to it.
enum class DirectoryFault {
    none,
    busy,          // 51
    unavailable,   // 52
    refused,       // 53; a connect: the bind is refused (49)
    lost_before,   // the connection ends; it was not obeyed
    lost_after,    // it was obeyed; the connection ends
    silent,        // no answer ever comes, to this one; it was not obeyed
    silent_after,  // no answer ever comes; it was obeyed
};
[[nodiscard]] std::string_view name_of(DirectoryFault fault);

// An object as it stood before a write.
struct ObjectBefore {
    ObjectGuid guid;
    Sid sid;
    Dn dn;
    bool is_group = false;
    bool deleted = false;
    std::string mark;  // adminDescription
    std::int32_t group_type = 0;
    // By lower-case name, without links.
    std::map<std::string, std::vector<std::string>> attributes;
    std::size_t members = 0;
};

enum class WrittenBy { daemon, administrator };

// A write that reached a domain controller, obeyed or refused.
struct TreeWrite {
    Duration at{};           // of the world's monotonic clock
    std::size_t server = 0;  // index
    WrittenBy by = WrittenBy::daemon;
    DirectoryRequest request;
    int code = 0;
    std::string diagnostic;
    // False: its answer was lost, so that who sent it cannot know.
    bool answered = true;
    std::optional<ObjectBefore> before;  // nothing: no object had that name
    ObjectGuid object;                   // written, or made; empty: none
    Dn dn;                               // its name afterwards; of a removed one the name before
    // What it changed.
    std::vector<AdIdentity> members_added;
    std::vector<AdIdentity> members_removed;      // of a removed group: all
    std::vector<std::string> attributes_changed;  // lower case, without links

    [[nodiscard]] bool obeyed() const { return code == 0; }
};

}  // namespace writeback::simulation
