// model-directory: serves the lab's domain from memory in the dialect of Windows or Samba, for the
// tests that otherwise run against a domain controller.
//
// It prints nothing but writes its settings, as shell variables, to the file that --environment
// names, once it listens. SIGUSR1 ends all connections and listens no more, SIGUSR2 brings it back
// with all that was written, SIGTERM ends it. Exit: 0 ended, 1 failed, 2 usage.
#include "fakes/directory_tree_lab.hpp"
#include "fakes/ldap_server.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <unistd.h>

using namespace writeback;
using namespace writeback::fakes;

namespace {

constexpr const char* child_user = "CN=child0001,CN=Users,DC=child,DC=lab,DC=test";
constexpr const char* child_universal = "CN=Child Universal,CN=Users,DC=child,DC=lab,DC=test";
constexpr const char* child_local = "CN=Child Local,CN=Users,DC=child,DC=lab,DC=test";

struct Arguments {
    std::string address = "127.0.53.1";
    std::string dialect = "windows";
    std::string schema = "windows-2016";
    std::string secrets;  // folder with service-password, administrator-password
    std::string certificates;
    std::string environment;
    int users = 100;
    bool exchange_rights = false;
};

std::string content(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(path + " cannot be read");
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_environment(const Arguments& arguments, const LdapServer& server,
                       const DirectoryTree& tree) {
    const auto part = arguments.environment + ".new";
    {
        std::ofstream file(part);
        const auto put = [&](const char* name, const std::string& value) {
            file << name << "='" << value << "'\n";
        };
        put("SAMBA_ADDRESS", arguments.address);
        put("SAMBA_URL", server.tls_url());
        put("SAMBA_PLAIN_URL", server.plain_url());
        put("SAMBA_GLOBAL_CATALOG", server.catalog_tls_url());
        put("SAMBA_GLOBAL_CATALOG_PLAIN", server.catalog_plain_url());
        put("SAMBA_BASE", tree.options().base.text());
        put("SAMBA_CONTAINER", lab_container);
        put("SAMBA_PEOPLE", lab_people);
        put("SAMBA_BIND_DN", lab_service_account);
        put("SAMBA_PASSWORD_FILE", arguments.secrets + "/service-password");
        put("SAMBA_CA_FILE", arguments.certificates + "/ca.pem");
        put("SAMBA_ADMIN_DN", lab_administrator);
        put("SAMBA_ADMIN_PASSWORD_FILE", arguments.secrets + "/administrator-password");
        put("SAMBA_DOMAIN_SID", tree.options().domain_sid.text());
        if (const auto* user = tree.find(Dn(child_user))) {
            put("SAMBA_CHILD_USER_SID", user->sid.text());
            put("SAMBA_CHILD_UNIVERSAL_SID", tree.find(Dn(child_universal))->sid.text());
            put("SAMBA_CHILD_LOCAL_SID", tree.find(Dn(child_local))->sid.text());
        }
        put("SAMBA_REALM", "LAB.TEST");
        put("SAMBA_DIALECT", arguments.dialect);
        put("SAMBA_PID", std::to_string(::getpid()));
    }
    if (std::rename(part.c_str(), arguments.environment.c_str()) != 0) {
        throw std::runtime_error(arguments.environment + " cannot be written");
    }
}

int serve(const Arguments& arguments) {
    // Blocked before the server's thread begins, so that only sigwait() takes them.
    sigset_t signals;
    sigemptyset(&signals);
    for (const int one : {SIGTERM, SIGINT, SIGUSR1, SIGUSR2})
        sigaddset(&signals, one);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    TreeOptions options;
    options.dialect =
        arguments.dialect == "windows" ? DirectoryDialect::windows : DirectoryDialect::samba;
    options.schema = arguments.schema == "exchange" ? SchemaExtent::exchange
                     : arguments.schema == "plain"  ? SchemaExtent::plain
                                                    : SchemaExtent::windows_2016;
    options.recycle_bin = options.dialect == DirectoryDialect::windows;
    options.seed = static_cast<std::uint64_t>(::getpid());
    options.source_of_authority = options.dialect == DirectoryDialect::windows;
    DirectoryTree tree(options);
    tree.source_of_authority.enforced = true;
    LabOptions lab;
    lab.users = arguments.users;
    lab.service_password = content(arguments.secrets + "/service-password");
    lab.administrator_password = content(arguments.secrets + "/administrator-password");
    lab.exchange_rights = arguments.exchange_rights;
    // Samba's forest is one domain.
    lab.child_domain = options.dialect == DirectoryDialect::windows;
    furnish_lab(tree, lab);
    LdapServerOptions serving;
    serving.address = arguments.address;
    serving.certificate_file = arguments.certificates + "/cert.pem";
    serving.private_key_file = arguments.certificates + "/key.pem";
    if (options.dialect == DirectoryDialect::samba) {
        serving.notification_tick = std::chrono::seconds(5);
    }
    LdapServer server(tree, serving);
    write_environment(arguments, server, tree);
    for (;;) {
        int number = 0;
        sigwait(&signals, &number);
        if (number == SIGUSR1) {
            server.go_down();
        } else if (number == SIGUSR2) {
            server.come_back();
        } else {
            return server.surprises().empty() ? 0 : 1;
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    CLI::App app("Serves the lab's domain from memory.", "model-directory");
    app.add_option("--address", arguments.address, "loopback address to listen on");
    app.add_option("--dialect", arguments.dialect)->check(CLI::IsMember({"windows", "samba"}));
    app.add_option("--schema", arguments.schema)
        ->check(CLI::IsMember({"plain", "windows-2016", "exchange"}));
    app.add_option("--users", arguments.users, "users user0001... in OU=People");
    app.add_flag("--exchange-rights", arguments.exchange_rights);
    app.add_option("--secrets", arguments.secrets, "folder of the two password files")->required();
    app.add_option("--certificates", arguments.certificates, "folder of ca.pem, cert.pem, key.pem")
        ->required();
    app.add_option("--environment", arguments.environment, "file for the settings")->required();
    CLI11_PARSE(app, argc, argv);
    try {
        return serve(arguments);
    } catch (const std::exception& error) {
        std::cerr << "model-directory: " << error.what() << "\n";
        return 1;
    }
}
