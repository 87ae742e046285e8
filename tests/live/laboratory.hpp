// A real domain controller for a test: what with_domain_controller has put into the environment, an
// ActiveDirectory bound as the service account, and an administrator's own connection to do behind
// the program's back what people do.
#pragma once

#include "directory/active_directory.hpp"
#include "directory/ldap_connection.hpp"
#include "directory/loop.hpp"
#include "platform/system_clock.hpp"

#include <writeback/config.hpp>
#include <writeback/directory.hpp>

#include <memory>
#include <string>
#include <vector>

namespace writeback::testing {

// A variable of the environment; its absence fails the test.
std::string setting(const char* name);

// What the directory is of; where the two legitimately differ a test says what each does.
enum class Dialect { samba, windows };
Dialect dialect();

struct User {
    std::string dn;
    AdIdentity identity;
};

class Laboratory {
 public:
    Laboratory();
    explicit Laboratory(DirectoryConfig config);
    ~Laboratory();

    static DirectoryConfig config();

    [[nodiscard]] DirectoryReader& reader() { return directory->reader(); }
    [[nodiscard]] DirectoryWriter& writer() { return directory->writer(); }

    // A group that nothing else in this run bears the name of.
    DesiredGroup new_group(const std::string& name);
    // The first users of OU=People.
    std::vector<User> users(std::size_t count);
    WriteTarget create(const DesiredGroup& group, const std::vector<AdIdentity>& members = {});
    DirectoryGroup read(const ObjectGuid& guid, std::vector<std::string> attributes = {});
    LdapConnection& administrator();
    // As the administrator, page by page: a directory gives no more than so many entries at once.
    std::vector<LdapEntry> find(LdapSearch search);
    // As the administrator; the reply must be a success.
    void add(const std::string& dn, std::vector<LdapAttribute> attributes);
    void change(const std::string& dn, std::vector<LdapChange> changes);

    Loop loop;
    SystemClock clock{loop.context.get_executor()};
    RememberingLog log;
    RememberingMetrics metrics;
    std::unique_ptr<ActiveDirectory> directory;

 private:
    std::shared_ptr<LdapConnection> administrator_;
};

// Runs deploy/directory/samba-dc with this command on the test's domain controller.
void samba_dc(const std::string& command);

}  // namespace writeback::testing
