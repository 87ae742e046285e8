// Objects by their SID, in our domain and, for SIDs of elsewhere, in the whole forest.
//
// Purpose: the resolver learns what a SID stands for, and the writer learns the name under which a
// member of another domain is written, since Active Directory would make a foreign security
// principal of its SID. A SID of a domain that the forest does not have needs no global catalog to
// be unknown. Failures: those of a search; `unreachable`, with what the global catalog said, when a
// SID of another domain of the forest is asked for and no global catalog answers. Limits: names of
// the last `most_names` foreign SIDs are kept. Ownership: shares the session, and owns a second one
// to a global catalog, made when first needed and anew when the session's server is another one.
// Threads and cancellation: the session's; stop().
#pragma once

#include "directory/directory_session.hpp"

#include <writeback/async.hpp>
#include <writeback/directory.hpp>
#include <writeback/result.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace writeback {

// The global catalog that belongs to a domain controller: the same host, port 3269 or 3268. Empty
// when the URL cannot be read.
[[nodiscard]] std::string global_catalog_of(const std::string& server_url);

class ForestPrincipals : public std::enable_shared_from_this<ForestPrincipals> {
 public:
    explicit ForestPrincipals(std::shared_ptr<DirectorySession> session)
        : session_(std::move(session)) {}

    // Those that exist, in no particular order; foreign security principals left out.
    Async<Result<std::vector<Principal>>> look_up(std::vector<Sid> sids);

    // The names of the accounts with these SIDs, from memory where they are known. What is not
    // found is not in the answer.
    Async<Result<std::map<Sid, Dn>>> names_of(std::vector<Sid> sids);
    // The same of what a removal may mean: our domain's own object with that SID, be it a foreign
    // security principal, comes before an account of elsewhere.
    Async<Result<std::map<Sid, Dn>>> names_to_remove(std::vector<Sid> sids);
    // A name has shown itself to be old.
    void forget(const std::vector<Sid>& sids);

    void close();
    Async<void> stop();

 private:
    Async<Result<std::vector<LdapEntry>>> search(DirectorySession& session, Dn base,
                                                 std::vector<Sid> sids);
    Async<Result<std::vector<Principal>>> search_forest(std::vector<Sid> sids);
    // The SIDs of the forest's domains; nothing when they cannot be told.
    using Domains = std::optional<std::vector<Sid>>;
    Async<Result<Domains>> domains();
    [[nodiscard]] std::shared_ptr<DirectorySession> catalog(const std::string& server);

    std::shared_ptr<DirectorySession> session_;
    std::shared_ptr<DirectorySession> catalog_;
    std::map<Sid, Dn> names_;
    Domains domains_;
    std::uint64_t domains_read_on_ = 0;  // the connection's number
    bool stopped_ = false;
};

}  // namespace writeback
