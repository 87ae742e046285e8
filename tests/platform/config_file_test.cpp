#include "platform/config_file.hpp"

#include "platform/loopback.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace writeback;

namespace {

const std::string good = R"([graph]
tenant_id = "11111111-2222-3333-4444-555555555555"
client_id = "66666666-7777-8888-9999-000000000000"
client_secret_file = "/etc/group-writeback/graph-secret"

[directory]
servers = ["ldaps://dc1.contoso.com"]
bind_dn = "CN=svc,DC=contoso,DC=com"
password_file = "/etc/group-writeback/ad-password"
container = "OU=Cloud Groups,DC=contoso,DC=com"

[groups]
policy = "full"
)";

// The good file with one text replaced by another.
std::string with(const std::string& before, const std::string& after) {
    std::string text = good;
    const auto at = text.find(before);
    REQUIRE(at != std::string::npos);
    return text.replace(at, before.size(), after);
}

std::vector<std::string> errors_of(const std::string& text) {
    std::vector<std::string> lines;
    const auto read = read_config(text, "c.toml");
    for (const auto& error : read.errors)
        lines.push_back(to_text(error));
    CHECK(read.config.has_value() == lines.empty());
    return lines;
}

// The one error of a text; more or fewer are told in full.
std::string error_of(const std::string& text) {
    const auto errors = errors_of(text);
    std::string all;
    for (const auto& error : errors)
        all += (all.empty() ? "" : "\n") + error;
    return all;
}

bool says(const std::string& error, const std::string& begin, const std::string& part) {
    const bool right = error.starts_with(begin) && error.find(part) != std::string::npos &&
                       error.find('\n') == std::string::npos;
    if (!right) MESSAGE("said: " << error);
    return right;
}

std::string good_with_section(const std::string& section) {
    return good + section + "\n";
}

}  // namespace

TEST_CASE(
    "a section that begins with a comment, and other broken heads, are errors with their line") {
    for (const auto* text :
         {"\n[# x\n", "\n[[# x\n", "\n[", "\n[[", "\n[a.# x]\n", "\n[=]\n", "\n[ ]\n"}) {
        const auto errors = errors_of(text);
        REQUIRE(errors.size() == 1);
        CHECK_MESSAGE(errors[0].starts_with("c.toml:2: is no TOML here"), errors[0]);
    }
}

TEST_CASE("a configuration with the required keys only takes every default") {
    const auto read = read_config(good, "c.toml");
    REQUIRE(read.errors.empty());
    REQUIRE(read.config);
    const Config& config = *read.config;
    CHECK(config.file == "c.toml");
    CHECK(config.graph.tenant_id == "11111111-2222-3333-4444-555555555555");
    CHECK(config.graph.poll_interval == 60s);
    CHECK(config.directory.servers == std::vector<std::string>{"ldaps://dc1.contoso.com"});
    CHECK(config.groups.policy == Policy::full);
    CHECK(config.groups.kind_security);
    CHECK_FALSE(config.webhook.has_value());
    CHECK(config.guard.max_member_removals.percent);
    CHECK(config.admin.listen == "127.0.0.1:9464");
    CHECK(read.lines.at("groups.policy") == 13);
}

TEST_CASE("every key is read into its place") {
    const auto read = read_config(R"(
[graph]
tenant_id = "{AAAAAAAA-2222-3333-4444-555555555555}"
client_id = "66666666-7777-8888-9999-000000000000"
certificate_file = "/c.pem"
private_key_file = "/k.pem"
cloud = "usgov-dod"
authority = "http://127.0.0.1:8401/"
endpoint = "https://graph.example/"
ca_file = "/ca.pem"
proxy = "http://proxy:3128"
poll_interval = "24h"
connect_timeout = "1s"
request_timeout = "2s"
throttle_limit = "3s"
max_response = "1MiB"
max_attempts = 4
max_connections = 2
max_head = "32KiB"
idle_timeout = "30s"
[webhook]
listen = "unix:/run/w.sock"
public_url = "https://hooks.contoso.com/graph/"
tls_certificate_file = "/t.pem"
tls_private_key_file = "/t.key"
client_state_file = "/state"
max_body = "2MiB"
max_head = "8KiB"
head_timeout = "4s"
body_timeout = "5s"
idle_timeout = "6s"
max_connections = 7
max_nesting = 8
max_items = 9
max_body_total = "10MiB"
inbox_queue = 11
subscription_lifetime = "12h"
[directory]
servers = ["ldap://dc1.contoso.com", "ldaps://[::1]:636"]
start_tls = true
bind = "gssapi"
keytab_file = "/keytab"
principal = "svc@CONTOSO.COM"
ca_file = "/ad.pem"
container = 'OU=Sales\, East,DC=contoso,DC=com'
containers = ["OU=Old,DC=contoso,DC=com"]
connect_timeout = "13s"
operation_timeout = "14s"
window = 15
groups_at_once = 16
values_per_modify = 17
page_size = 18
range_size = 19
queue = 23
max_reply = "3MiB"
reconnect_least = "20ms"
reconnect_most = "21s"
credentials_pause = "22m"
replication_wait = "4h"
global_catalog = ["ldaps://gc.contoso.com:3269"]
change_poll = "5s"
full_audit = "0s"
presence_check = 0
[groups]
policy = "no-removals"
select = "listed"
include = ["BBBBBBBB-2222-3333-4444-555555555555"]
kinds = ["security"]
microsoft365_as = "universalSecurityGroup"
on_soft_delete = "keep"
on_delete = "convert"
on_out_of_scope = "delete"
drift = "report"
recreate = true
role_assignable = false
dynamic = false
membership = "additive"
[mapping]
cn = "[displayName]"
info = ""
extensionAttribute1 = '"cloud"'
[guard]
max_group_deletions = "5%"
window = "7d"
max_member_removals = 23
min_members = 24
max_inferred_removals = "2.5%"
inferred_removals_floor = 25
limit_explicit_removals = true
[store]
path = "/state.db"
[admin]
listen = "0.0.0.0:9464"
allow_remote = true
request_timeout = "26s"
max_connections = 27
[log]
level = "debug"
audit_file = "/audit.jsonl"
)",
                                  "c.toml");
    for (const auto& error : read.errors)
        MESSAGE(to_text(error));
    REQUIRE(read.config);
    const Config& config = *read.config;
    CHECK(config.graph.tenant_id == "aaaaaaaa-2222-3333-4444-555555555555");
    CHECK(config.graph.certificate_file == "/c.pem");
    CHECK(config.graph.cloud == Cloud::usgov_dod);
    CHECK(config.graph.authority == "http://127.0.0.1:8401");
    CHECK(config.graph.endpoint == "https://graph.example");
    CHECK(config.graph.poll_interval == 24h);
    CHECK(config.graph.throttle_limit == 3s);
    CHECK(config.graph.max_response == 1 << 20);
    CHECK(config.graph.max_attempts == 4);
    CHECK(config.graph.max_connections == 2);
    CHECK(config.graph.max_head == 32 << 10);
    CHECK(config.graph.idle_timeout == 30s);
    REQUIRE(config.webhook);
    CHECK(config.webhook->public_url == "https://hooks.contoso.com/graph");
    CHECK(config.webhook->max_body == 2 << 20);
    CHECK(config.webhook->max_head == 8 << 10);
    CHECK(config.webhook->body_timeout == 5s);
    CHECK(config.webhook->max_items == 9);
    CHECK(config.webhook->max_body_total == 10 << 20);
    CHECK(config.webhook->inbox_queue == 11);
    CHECK(config.webhook->subscription_lifetime == 12h);
    CHECK(config.directory.bind == Bind::gssapi);
    CHECK(config.directory.container == "OU=Sales\\, East,DC=contoso,DC=com");
    CHECK(config.directory.containers.size() == 1);
    CHECK(config.directory.range_size == 19);
    CHECK(config.directory.queue == 23);
    CHECK(config.directory.max_reply == 3 << 20);
    CHECK(config.directory.reconnect_least == 20ms);
    CHECK(config.directory.credentials_pause == 22min);
    CHECK(config.directory.replication_wait == 4h);
    CHECK(config.groups.policy == Policy::no_removals);
    CHECK(config.groups.include ==
          std::vector<std::string>{"bbbbbbbb-2222-3333-4444-555555555555"});
    CHECK_FALSE(config.groups.kind_microsoft365);
    CHECK(config.groups.microsoft365_as == Microsoft365As::universal_security_group);
    CHECK(config.groups.on_soft_delete == OnGone::keep);
    CHECK(config.groups.on_delete == OnGone::convert);
    CHECK(config.groups.on_out_of_scope == OnGone::remove);
    CHECK(config.groups.drift == DriftAction::report);
    CHECK(config.groups.recreate);
    CHECK_FALSE(config.groups.role_assignable);
    CHECK_FALSE(config.groups.dynamic);
    CHECK(config.groups.membership == Membership::additive);
    CHECK(config.directory.global_catalog ==
          std::vector<std::string>{"ldaps://gc.contoso.com:3269"});
    CHECK(config.directory.change_poll == 5s);
    CHECK(config.directory.full_audit == 0s);
    CHECK(config.directory.presence_check == 0);
    CHECK(config.mapping.at("info").empty());
    CHECK(config.mapping.at("extensionAttribute1") == "\"cloud\"");
    CHECK(config.guard.max_group_deletions.percent);
    CHECK(config.guard.max_group_deletions.value == 5);
    CHECK(config.guard.window == 24h * 7);
    CHECK_FALSE(config.guard.max_member_removals.percent);
    CHECK(config.guard.max_inferred_removals.value == doctest::Approx(2.5));
    CHECK(config.guard.inferred_removals_floor == 25);
    CHECK(config.guard.limit_explicit_removals);
    CHECK(config.admin.allow_remote);
    CHECK(config.admin.max_connections == 27);
    CHECK(config.log.level == "debug");
    CHECK(config.log.audit_file == "/audit.jsonl");
}

TEST_CASE("a file that cannot be read is one error that says how to name another") {
    const auto read = read_config_file("/nowhere/config.toml");
    REQUIRE(read.errors.size() == 1);
    CHECK(says(to_text(read.errors[0]), "/nowhere/config.toml:1: ", "--config"));
    REQUIRE(read_config_file("/").errors.size() == 1);
}

TEST_CASE("text that is no TOML is an error at its line") {
    CHECK(says(error_of("[graph]\ntenant_id = \"x\n"), "c.toml:2: ", "no TOML"));
    CHECK(says(error_of("[graph\n"), "c.toml:1: ", "no TOML"));
    CHECK(says(error_of(good + "[groups]\n"), "c.toml:14: ", "no TOML"));
}

TEST_CASE("an unknown key names its line, and the key that was likely meant") {
    CHECK(says(error_of(good + "on_deleted = \"empty\"\n"),
               "c.toml:14: groups.on_deleted: ", "did you mean on_delete?"));
    CHECK(says(error_of(good + "colour = \"blue\"\n"), "c.toml:14: groups.colour: unknown key",
               "\"policy\""));
    CHECK(says(error_of(good + "[gaurd]\nwindow = \"1h\"\n"), "c.toml:14: unknown section [gaurd]",
               "did you mean [guard]?"));
    CHECK(
        says(error_of("tenant_id = \"x\"\n" + good), "c.toml:1: unknown key tenant_id", "[graph]"));
    CHECK(says(error_of(good + "[[log]]\nlevel = \"info\"\n"), "c.toml:14: log must be one section",
               "[log]"));
}

TEST_CASE("all errors of a file are told at once, in the order of their lines") {
    const auto errors =
        errors_of(good + "drift = 3\n[log]\nlevel = \"loud\"\n[guard]\nwindow = 1\n");
    REQUIRE(errors.size() == 3);
    CHECK(says(errors[0], "c.toml:14: groups.drift: ", "quotes"));
    CHECK(says(errors[1], "c.toml:16: log.level: \"loud\"", "\"warning\" or \"error\""));
    CHECK(says(errors[2], "c.toml:18: guard.window: ", "duration"));
}

TEST_CASE("the policy has no default, and its three words are told") {
    const auto error = error_of(with("policy = \"full\"\n", ""));
    CHECK(says(error, "c.toml:12: groups.policy: is missing", "report-only"));
    CHECK(error.find("no-removals") != std::string::npos);
    CHECK(error.find("full") != std::string::npos);
    CHECK(says(error_of(with("\"full\"", "\"Full\"")), "c.toml:13: groups.policy: \"Full\"",
               "\"report-only\", \"no-removals\" or \"full\""));
}

TEST_CASE("a missing section is named with what it must hold") {
    const auto errors = errors_of("");
    REQUIRE(errors.size() == 3);
    CHECK(says(errors[0], "c.toml:1: [graph] is missing", "tenant_id"));
    CHECK(says(errors[1], "c.toml:1: [directory] is missing", "container"));
    CHECK(says(errors[2], "c.toml:1: groups.policy: is missing", "full"));
}

TEST_CASE("exactly one kind of credential is given") {
    const std::string secret = "client_secret_file = \"/etc/group-writeback/graph-secret\"";
    CHECK(says(error_of(with(secret, "")), "c.toml:1: [graph] has no credential",
               "client_secret_file"));
    CHECK(says(error_of(with(secret, secret + "\nmanaged_identity = true")),
               "c.toml:5: graph.managed_identity: is a second credential", "client_secret_file"));
    CHECK(says(error_of(with(secret, "certificate_file = \"/c.pem\"")),
               "c.toml:4: graph.certificate_file: needs private_key_file", "both"));
    CHECK(error_of(with(secret, "federated_token_file = \"/token\"")).empty());
    CHECK(error_of(with(secret, "managed_identity = true")).empty());
    CHECK(says(error_of(with(secret, "managed_identity = false")), "c.toml:1: [graph]",
               "no credential"));
}

TEST_CASE("a secret in the file itself is refused without repeating it") {
    const auto error = error_of(with("client_secret_file = \"/etc/group-writeback/graph-secret\"",
                                     "client_secret_file = \"/s\"\nclient_secret = \"s3cr3t\""));
    CHECK(says(error, "c.toml:5: graph.client_secret: ", "client_secret_file"));
    CHECK(error.find("s3cr3t") == std::string::npos);
    const auto password = error_of(with("password_file = \"/etc/group-writeback/ad-password\"",
                                        "password_file = \"/p\"\npassword = \"s3cr3t\""));
    CHECK(says(password, "c.toml:10: directory.password: ", "password_file"));
    CHECK(password.find("s3cr3t") == std::string::npos);
}

TEST_CASE("GUIDs, durations, sizes, numbers and limits are checked") {
    CHECK(says(error_of(with("11111111-2222-3333-4444-555555555555", "contoso.com")),
               "c.toml:2: graph.tenant_id: \"contoso.com\"", "GUID"));
    CHECK(says(error_of(with("[directory]", "poll_interval = \"1 minute\"\n[directory]")),
               "c.toml:6: graph.poll_interval: \"1 minute\"", "\"60s\""));
    for (const auto* value : {"\"0s\"", "\"25h\"", "\"999ms\"", "\"-5s\"", "\"99999999999999d\""}) {
        const auto text =
            with("[directory]", "poll_interval = " + std::string(value) + "\n[directory]");
        CHECK(says(error_of(text), "c.toml:6: graph.poll_interval: ", "write a"));
    }
    CHECK(says(error_of(with("[directory]", "max_response = \"1MB\"\n[directory]")),
               "c.toml:6: graph.max_response: \"1MB\"", "MiB"));
    CHECK(says(error_of(with("[directory]", "max_attempts = 0\n[directory]")),
               "c.toml:6: graph.max_attempts: 0", "from 1 to 20"));
    CHECK(says(error_of(with("[directory]", "max_attempts = 1.5\n[directory]")),
               "c.toml:6: graph.max_attempts: ", "whole number"));
    for (const auto* value :
         {"\"101%\"", "\"five\"", "\"5\"", "-1", "1.5", "\"-5%\"", "\"nan%\""}) {
        const auto text = good_with_section("[guard]\nmax_group_deletions = " + std::string(value));
        CHECK(says(error_of(text), "c.toml:15: guard.max_group_deletions: ", "write"));
    }
    CHECK(says(error_of(good + "recreate = \"yes\"\n"),
               "c.toml:14: groups.recreate: ", "true or false"));
    CHECK(says(error_of(good + "kinds = []\n"), "c.toml:14: groups.kinds: ", "at least one"));
    CHECK(says(error_of(good + "kinds = [\"teams\"]\n"), "c.toml:14: groups.kinds: \"teams\"",
               "microsoft365"));
    CHECK(says(error_of(good + "kinds = \"security\"\n"), "c.toml:14: groups.kinds: ", "list"));
}

TEST_CASE("what goes in the clear is refused off loopback") {
    CHECK(says(error_of(with("ldaps://dc1", "ldap://dc1")),
               "c.toml:7: directory.servers: \"ldap://dc1.contoso.com\"", "start_tls = true"));
    CHECK(
        error_of(with("ldaps://dc1.contoso.com\"]", "ldap://dc1.contoso.com\"]\nstart_tls = true"))
            .empty());
    CHECK(error_of(with("ldaps://dc1.contoso.com", "ldap://127.0.0.7:389")).empty());
    CHECK(error_of(with("ldaps://dc1.contoso.com", "ldap://localhost:389/")).empty());
    CHECK(says(error_of(with("ldaps://dc1.contoso.com", "dc1.contoso.com")),
               "c.toml:7: directory.servers: ", "ldaps://HOST"));
    CHECK(says(error_of(with("ldaps://dc1.contoso.com", "ldaps://dc1:99999")),
               "c.toml:7: directory.servers: ", "65535"));
    const auto endpoint = [](const std::string& url) {
        return error_of(with("[directory]", "endpoint = \"" + url + "\"\n[directory]"));
    };
    CHECK(says(endpoint("http://graph.example"), "c.toml:6: graph.endpoint: ", "https://"));
    CHECK(says(endpoint("http://127.0.0.1.evil.example"), "c.toml:6: graph.endpoint: ", "no URL"));
    CHECK(says(endpoint("ldap://graph.example"), "c.toml:6: graph.endpoint: ", "https://"));
    CHECK(says(endpoint("graph.example"), "c.toml:6: graph.endpoint: ", "https://"));
    CHECK(says(endpoint("https://user:pw@graph.example"), "c.toml:6: graph.endpoint: ", "user"));
    CHECK(says(endpoint("https://graph.example?x=1"), "c.toml:6: graph.endpoint: ", "query"));
    CHECK(endpoint("http://[::1]:8401").empty());
    CHECK(endpoint("http://localhost:8401").empty());
}

TEST_CASE("the webhook's address, certificate and public address are checked") {
    const auto webhook = [](const std::string& lines) {
        return error_of(good + "[webhook]\n" + lines);
    };
    const std::string url = "public_url = \"https://hooks.contoso.com/graph\"\n";
    CHECK(webhook(url).empty());
    CHECK(webhook("public_url = \"http://127.0.0.1:8443/graph\"\n").empty());
    CHECK(says(webhook(""), "c.toml:14: webhook.public_url: is missing", "https://HOST/graph"));
    CHECK(says(webhook("public_url = \"http://hooks.contoso.com\"\n"),
               "c.toml:15: webhook.public_url: ", "https://"));
    for (const auto* listen : {"8443", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:", "host:1",
                               "::1:80", "unix:", "unix:x", "[127.0.0.1]:80"}) {
        const auto error = webhook("listen = \"" + std::string(listen) + "\"\n" + url);
        CHECK(says(error, "c.toml:15: webhook.listen: ", "write"));
    }
    for (const auto* listen : {"127.0.0.1:0", "0.0.0.0:8443", "[::]:8443", "unix:/run/w.sock"}) {
        CHECK(webhook("listen = \"" + std::string(listen) + "\"\n" + url).empty());
    }
    CHECK(says(webhook(url + "tls_certificate_file = \"/c\"\n"),
               "c.toml:16: webhook.tls_certificate_file: needs tls_private_key_file", "both"));
    CHECK(says(webhook(url + "max_body_total = \"1MiB\"\nmax_body = \"2MiB\"\n"),
               "c.toml:16: webhook.max_body_total: ", "2MiB"));
}

TEST_CASE("the two ways to bind do not mix") {
    const std::string simple =
        "bind_dn = \"CN=svc,DC=contoso,DC=com\"\npassword_file = "
        "\"/etc/group-writeback/ad-password\"\n";
    const auto errors = errors_of(with(simple, "bind = \"gssapi\"\n" + simple));
    REQUIRE(errors.size() == 4);
    CHECK(says(errors[0], "c.toml:6: directory.keytab_file: is missing", "principal"));
    CHECK(says(errors[2], "c.toml:9: directory.bind_dn: ", "take it out"));
    CHECK(errors_of(with(simple, "")).size() == 2);
}

TEST_CASE("distinguished names are checked by their syntax") {
    const auto container = [](const std::string& name) {
        return error_of(with("container = \"OU=Cloud Groups,DC=contoso,DC=com\"",
                             "container = '" + name + "'"));
    };
    for (const auto* name : {"OU=A,DC=x", "OU=A\\, B,DC=x", "ou = A , dc = x", "OU=A\\2C B,DC=x",
                             "OU=Büro,DC=x", "OU=A+CN=b,DC=x"}) {
        CHECK(container(name).empty());
    }
    for (const auto* name : {"Cloud/Groups", "OU=,DC=x", "OU=A,,DC=x", "OU=A,", "OU=A,DC", "=A",
                             "contoso.com/Groups", "OU=A,DC=x\\"}) {
        CHECK(says(container(name), "c.toml:10: directory.container: ", "distinguished name"));
    }
}

TEST_CASE("what counts only with another setting is refused without it") {
    CHECK(says(error_of(good + "include = [\"11111111-2222-3333-4444-555555555555\"]\n"),
               "c.toml:14: groups.include: ", "select"));
    CHECK(says(error_of(good + "select = \"listed\"\n"), "c.toml:12: groups.include: is missing",
               "object ids"));
    CHECK(says(error_of(good + "select = \"filter\"\n"), "c.toml:12: groups.filter: is missing",
               "expression"));
    CHECK(says(error_of(good + "select = \"listed\"\ninclude = [\"Sales\"]\n"),
               "c.toml:15: groups.include: \"Sales\"", "GUID"));
}

TEST_CASE("the admin listener leaves loopback only when that was said") {
    CHECK(says(error_of(good + "[admin]\nlisten = \"0.0.0.0:9464\"\n"),
               "c.toml:15: admin.listen: ", "allow_remote = true"));
    CHECK(error_of(good + "[admin]\nlisten = \"unix:/run/a.sock\"\n").empty());
}

TEST_CASE("a mapping takes attributes and texts only") {
    CHECK(says(error_of(good + "[mapping]\nmember = \"x\"\n"),
               "c.toml:15: mapping.member: ", "take it out"));
    CHECK(says(error_of(good + "[mapping]\n\"a b\" = \"x\"\n"),
               "c.toml:15: mapping.a b: ", "attribute"));
    CHECK(says(error_of(good + "[mapping]\ncn = 3\n"), "c.toml:15: mapping.cn: ", "quotes"));
    CHECK(says(error_of(good + "[mapping]\ncn = \"\"\n"), "c.toml:15: mapping.cn: ", "empty"));
    CHECK(error_of(good + "[mapping]\ndescription = \"\"\n").empty());
}

TEST_CASE(
    "a mapping refuses what would break the mark, the members or what AD keeps, with the reason") {
    const auto mapped = [](const std::string& name) {
        return error_of(good + "[mapping]\n" + name + " = '\"x\"'\n");
    };
    CHECK(says(mapped("adminDescription"), "c.toml:15: mapping.adminDescription: ", "the mark"));
    CHECK(says(mapped("ADMINDESCRIPTION"), "c.toml:15: mapping.ADMINDESCRIPTION: ", "the mark"));
    CHECK(says(mapped("groupType"), "c.toml:15: mapping.groupType: ", "microsoft365_as"));
    CHECK(says(mapped("objectSid"), "c.toml:15: mapping.objectSid: ", "Active Directory"));
    CHECK(says(mapped("distinguishedName"), "c.toml:15: ", "parentDistinguishedName"));
    CHECK(says(error_of(good + "[mapping]\ninfo = '\"x\"'\nInfo = '\"y\"'\n"),
               "c.toml:15: ", "once more"));
}

TEST_CASE("what the auditor is told to do has its limits, and never is said with 0s") {
    const auto line = [](const std::string& text) {
        return error_of(with("[groups]", text + "\n[groups]"));
    };
    CHECK(says(line("full_audit = \"10m\""), "c.toml:12: directory.full_audit: ", "1h to 30d"));
    CHECK(says(line("full_audit = \"31d\""), "c.toml:12: directory.full_audit: ", "1h to 30d"));
    CHECK(line("full_audit = \"1h\"").empty());
    CHECK(says(line("change_poll = \"0s\""), "c.toml:12: directory.change_poll: ", "1s to 1h"));
    CHECK(says(line("presence_check = -1"), "c.toml:12: directory.presence_check: ", "number"));
    CHECK(says(line("global_catalog = [\"ldap://gc.contoso.com:3268\"]"),
               "c.toml:12: directory.global_catalog: ", "ldaps://"));
    CHECK(says(error_of(with("\"full\"", "\"full\"\nmembership = \"some\"")),
               "c.toml:14: groups.membership: ", "authoritative"));
}

TEST_CASE("a message is one line whatever the file holds") {
    CHECK(says(error_of(with("\"full\"", "\"fu\\nll\"")), "c.toml:13: groups.policy: \"fu?ll\"",
               "is not one of"));
    CHECK(says(error_of(good + "\"a\\nb\" = 1\n"), "c.toml:14: groups.a b: ", "unknown key"));
}

TEST_CASE("check-config finds the files that are missing, empty or unreadable, each at its line") {
    const loopback::Directory folder;
    const auto secret = folder.write("secret", "x");
    const auto empty = folder.write("empty", "");
    auto text = with("/etc/group-writeback/graph-secret", secret);
    const auto at = text.find("/etc/group-writeback/ad-password");
    text.replace(at, std::string("/etc/group-writeback/ad-password").size(), empty);
    text += "[store]\npath = \"" + folder.file("missing/state.db") + "\"\n";
    text += "[log]\naudit_file = \"" + folder.file("audit.jsonl") + "\"\n";
    const auto read = read_config(text, "c.toml");
    REQUIRE(read.config);
    const auto errors = check_config_files(read);
    REQUIRE(errors.size() == 2);
    CHECK(says(to_text(errors[0]), "c.toml:9: directory.password_file: ", "empty"));
    CHECK(says(to_text(errors[1]), "c.toml:15: store.path: ", "folder"));
}

TEST_CASE("a secret written where its file's name belongs is not repeated") {
    const auto read = read_config(with("/etc/group-writeback/graph-secret", "s3cr3t"), "c.toml");
    REQUIRE(read.config);
    for (const auto& error : check_config_files(read)) {
        CHECK(to_text(error).find("s3cr3t") == std::string::npos);
    }
}

TEST_CASE("the commented configuration that is shipped is accepted") {
    const auto read = read_config_file(SOURCE_ROOT "/deploy/config/config.toml");
    for (const auto& error : read.errors)
        MESSAGE(to_text(error));
    CHECK(read.config.has_value());
}
