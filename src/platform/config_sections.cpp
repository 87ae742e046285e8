#include "platform/config_sections.hpp"

#include <writeback/ids.hpp>

#include <algorithm>

namespace writeback {

namespace {

constexpr std::int64_t any_number = 1'000'000'000;

std::string check_guid(const std::string& text) {
    if (canonical_guid(text)) return {};
    return "is no GUID: write it as \"11111111-2222-3333-4444-555555555555\"";
}

std::string check_dn(const std::string& text) {
    const auto checked = check_distinguished_name(text);
    return checked ? std::string() : checked.error().detail;
}

// AD takes a simple bind's name in three forms.
std::string check_bind_name(const std::string& text) {
    const auto domain = text.find('\\');
    const bool down_level = domain != 0 && domain != std::string::npos && domain + 1 < text.size();
    const auto at = text.find('@');
    const bool principal = at != 0 && at != std::string::npos && at + 1 < text.size();
    if (check_distinguished_name(text) || down_level || principal) return {};
    return "is no account's name: write its DN (\"CN=svc-writeback,OU=Service "
           "Accounts,DC=contoso,DC=com\"), or \"svc-writeback@contoso.com\"";
}

std::string check_listen(const std::string& text) {
    const auto address = read_listen_address(text);
    return address ? std::string() : address.error().detail;
}

// An http address of ours or of the cloud's: TLS, except on loopback.
std::string check_web_address(const std::string& text) {
    const auto address = read_web_address(text);
    if (!address) return address.error().detail;
    if (address->scheme == "https") return {};
    if (address->scheme != "http") return "is no web address: write \"https://HOST\"";
    if (is_loopback(address->host)) return {};
    return "is plain http, which is allowed on loopback only: write https://";
}

std::string check_proxy(const std::string& text) {
    const auto address = read_web_address(text);
    if (!address || address->scheme != "http" || address->port.empty() || !address->path.empty()) {
        return "is no proxy: write \"http://HOST:PORT\"";
    }
    return {};
}

void canonical(std::string& guid) {
    if (const auto form = canonical_guid(guid)) guid = *form;
}

void without_slash(std::string& address) {
    while (address.ends_with('/'))
        address.pop_back();
}

void both_or_neither(ConfigSection& section, std::string_view one, std::string_view other) {
    if (section.given(one) == section.given(other)) return;
    const auto given = section.given(one) ? one : other;
    const auto missing = section.given(one) ? other : one;
    section.fail(given, "needs " + std::string(missing) + " beside it: give both or neither");
}

void check_credentials(ConfigSection& section, const GraphConfig& graph) {
    std::vector<std::string_view> kinds;
    if (section.given("client_secret_file")) kinds.emplace_back("client_secret_file");
    if (section.given("certificate_file") || section.given("private_key_file")) {
        kinds.emplace_back(section.given("certificate_file") ? "certificate_file"
                                                             : "private_key_file");
        both_or_neither(section, "certificate_file", "private_key_file");
    }
    if (section.given("federated_token_file")) kinds.emplace_back("federated_token_file");
    if (graph.managed_identity) kinds.emplace_back("managed_identity");
    const std::string all =
        "client_secret_file, certificate_file with private_key_file, federated_token_file or "
        "managed_identity = true";
    if (kinds.empty()) return section.fail("has no credential: give one of " + all);
    if (kinds.size() == 1) return;
    section.fail(kinds[1], "is a second credential beside " + std::string(kinds[0]) +
                               ": keep only one of " + all);
}

void read_graph(ConfigSection section, GraphConfig& graph) {
    section.text("tenant_id", graph.tenant_id, check_guid);
    section.text("client_id", graph.client_id, check_guid);
    section.secret_file("client_secret_file", graph.client_secret_file);
    section.secret_file("certificate_file", graph.certificate_file);
    section.secret_file("private_key_file", graph.private_key_file);
    section.secret_file("federated_token_file", graph.federated_token_file);
    section.flag("managed_identity", graph.managed_identity);
    section.word<Cloud>("cloud", graph.cloud,
                        {{"global", Cloud::global},
                         {"usgov", Cloud::usgov},
                         {"usgov-dod", Cloud::usgov_dod},
                         {"china", Cloud::china}});
    section.text("authority", graph.authority, check_web_address);
    section.text("endpoint", graph.endpoint, check_web_address);
    section.text("ca_file", graph.ca_file);
    section.text("proxy", graph.proxy, check_proxy);
    section.duration("poll_interval", graph.poll_interval, 1s, 24h);
    section.duration("connect_timeout", graph.connect_timeout, 100ms, 5min);
    section.duration("request_timeout", graph.request_timeout, 100ms, 10min);
    section.duration("throttle_limit", graph.throttle_limit, 1s, 1h);
    section.size("max_response", graph.max_response, 64 << 10, 1 << 30);
    section.number("max_attempts", graph.max_attempts, 1, 20);
    section.number("max_connections", graph.max_connections, 1, 64);
    section.size("max_head", graph.max_head, 4 << 10, 1 << 20);
    section.duration("idle_timeout", graph.idle_timeout, 1s, 1h);
    section.refuse_unknown();

    canonical(graph.tenant_id);
    canonical(graph.client_id);
    without_slash(graph.authority);
    without_slash(graph.endpoint);
    without_slash(graph.proxy);
    if (!section.present()) {
        return section.fail("is missing: it holds tenant_id, client_id and the credential");
    }
    section.require("tenant_id", "write the tenant's id, a GUID");
    if (!graph.managed_identity) {
        section.require("client_id", "write the application's (client) id, a GUID");
    }
    check_credentials(section, graph);
}

void read_webhook(ConfigSection section, std::optional<WebhookConfig>& result) {
    if (!section.present()) return;
    WebhookConfig& webhook = result.emplace();
    section.text("listen", webhook.listen, check_listen);
    section.text("public_url", webhook.public_url, check_web_address);
    section.secret_file("tls_certificate_file", webhook.tls_certificate_file);
    section.secret_file("tls_private_key_file", webhook.tls_private_key_file);
    section.secret_file("client_state_file", webhook.client_state_file);
    section.size("max_body", webhook.max_body, 1 << 10, 64 << 20);
    section.size("max_head", webhook.max_head, 1 << 10, 1 << 20);
    section.duration("head_timeout", webhook.head_timeout, 100ms, 10min);
    section.duration("body_timeout", webhook.body_timeout, 100ms, 10min);
    section.duration("idle_timeout", webhook.idle_timeout, 100ms, 1h);
    section.number("max_connections", webhook.max_connections, 1, 100'000);
    section.number("max_nesting", webhook.max_nesting, 4, 1000);
    section.number("max_items", webhook.max_items, 1, 100'000);
    section.size("max_body_total", webhook.max_body_total, 1 << 20, std::size_t{16} << 30);
    section.number("inbox_queue", webhook.inbox_queue, 1, 1'000'000);
    section.duration("subscription_lifetime", webhook.subscription_lifetime, 1min, 41'760min);
    section.refuse_unknown();

    without_slash(webhook.public_url);
    section.require("public_url",
                    "write the address that Graph posts to, such as \"https://HOST/graph\"");
    both_or_neither(section, "tls_certificate_file", "tls_private_key_file");
    if (webhook.max_body_total < webhook.max_body) {
        section.fail("max_body_total",
                     "is less than max_body: write at least " + size_text(webhook.max_body));
    }
}

void check_server(ConfigSection& section, const DirectoryConfig& directory, std::string_view key,
                  const std::string& server) {
    const auto address = read_web_address(server);
    const bool plain = address && address->scheme == "ldap";
    const bool ldap = plain || (address && address->scheme == "ldaps");
    if (!ldap || !address->path.empty()) {
        const auto what = ldap || address ? "is no LDAP server" : address.error().detail;
        return section.fail(key, in_quotes(server) + " " + what +
                                     "; write \"ldaps://HOST\" or \"ldaps://HOST:PORT\"");
    }
    if (plain && !directory.start_tls && !is_loopback(address->host)) {
        section.fail(key, in_quotes(server) +
                              " is plain LDAP, which is allowed on loopback only: write "
                              "ldaps://, or start_tls = true");
    }
}

void check_bind(ConfigSection& section, const DirectoryConfig& directory) {
    const bool simple = directory.bind == Bind::simple;
    for (const auto key : {"bind_dn", "password_file"}) {
        if (simple) {
            section.require(key, "bind = \"simple\" needs bind_dn and password_file");
        } else if (section.given(key)) {
            section.fail(key, "belongs to bind = \"simple\": take it out");
        }
    }
    for (const auto key : {"keytab_file", "principal"}) {
        if (!simple) {
            section.require(key, "bind = \"gssapi\" needs keytab_file and principal");
        } else if (section.given(key)) {
            section.fail(key, "belongs to bind = \"gssapi\": take it out, or change bind");
        }
    }
}

void read_directory(ConfigSection section, DirectoryConfig& directory) {
    section.texts("servers", directory.servers);
    section.word<Bind>("bind", directory.bind,
                       {{"simple", Bind::simple}, {"gssapi", Bind::gssapi}});
    section.text("bind_dn", directory.bind_dn, check_bind_name);
    section.secret_file("password_file", directory.password_file);
    section.secret_file("keytab_file", directory.keytab_file);
    section.text("principal", directory.principal);
    section.text("ca_file", directory.ca_file);
    section.flag("start_tls", directory.start_tls);
    section.text("container", directory.container, check_dn);
    section.texts("containers", directory.containers, check_dn);
    section.duration("connect_timeout", directory.connect_timeout, 100ms, 5min);
    section.duration("operation_timeout", directory.operation_timeout, 100ms, 1h);
    section.number("window", directory.window, 1, 1024);
    section.number("groups_at_once", directory.groups_at_once, 1, 1024);
    section.number("values_per_modify", directory.values_per_modify, 1, 5000);
    section.number("page_size", directory.page_size, 1, 5000);
    section.number("range_size", directory.range_size, 1, 5000);
    section.number("queue", directory.queue, 1, 1'000'000);
    section.size("max_reply", directory.max_reply, 1 << 20, 1 << 30);
    section.duration("reconnect_least", directory.reconnect_least, 1ms, 10min);
    section.duration("reconnect_most", directory.reconnect_most, 1ms, 1h);
    section.duration("credentials_pause", directory.credentials_pause, 1s, 24h);
    section.duration("replication_wait", directory.replication_wait, 1min, 24h * 30);
    section.texts("global_catalog", directory.global_catalog);
    section.duration("change_poll", directory.change_poll, 1s, 1h);
    section.duration_or_never("full_audit", directory.full_audit, 1h, 24h * 30);
    section.number("presence_check", directory.presence_check, 0, 100'000);
    section.refuse_unknown();

    if (!section.present()) {
        return section.fail("is missing: it holds servers, bind_dn, password_file and container");
    }
    section.require("servers", "write servers = [\"ldaps://HOST\"]");
    section.require("container", "write the DN of the container that groups are made in");
    check_bind(section, directory);
    for (const auto& server : directory.servers)
        check_server(section, directory, "servers", server);
    for (const auto& server : directory.global_catalog)
        check_server(section, directory, "global_catalog", server);
    if (directory.reconnect_least > directory.reconnect_most) {
        section.fail(section.given("reconnect_least") ? "reconnect_least" : "reconnect_most",
                     "reconnect_least is more than reconnect_most (" +
                         duration_text(directory.reconnect_most) + "): lower it");
    }
}

void check_selection(ConfigSection& section, const GroupsConfig& groups) {
    const bool listed = groups.select == Select::listed;
    if (listed) section.require("include", "select = \"listed\" needs a list of object ids");
    if (!listed && section.given("include")) {
        section.fail("include",
                     "counts only with select = \"listed\": take it out, or change "
                     "select");
    }
    const bool filtered = groups.select == Select::filter;
    if (filtered) section.require("filter", "select = \"filter\" needs an expression");
    if (!filtered && section.given("filter")) {
        section.fail("filter",
                     "counts only with select = \"filter\": take it out, or change "
                     "select");
    }
}

void read_kinds(ConfigSection& section, GroupsConfig& groups) {
    std::vector<std::string> kinds{"microsoft365", "security"};
    section.texts("kinds", kinds, [](const std::string& kind) -> std::string {
        if (kind == "microsoft365" || kind == "security") return {};
        return "is not one of \"microsoft365\" or \"security\"";
    });
    const auto has = [&](std::string_view kind) {
        return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
    };
    groups.kind_microsoft365 = has("microsoft365");
    groups.kind_security = has("security");
}

void read_groups(ConfigSection section, GroupsConfig& groups) {
    const Words<OnGone> on_gone{{"empty", OnGone::empty},
                                {"keep", OnGone::keep},
                                {"convert", OnGone::convert},
                                {"delete", OnGone::remove}};
    section.word<Policy>("policy", groups.policy,
                         {{"report-only", Policy::report_only},
                          {"no-removals", Policy::no_removals},
                          {"full", Policy::full}});
    section.word<Select>("select", groups.select,
                         {{"all", Select::all},
                          {"writeback-configuration", Select::writeback_configuration},
                          {"assigned", Select::assigned},
                          {"listed", Select::listed},
                          {"filter", Select::filter}});
    section.texts("include", groups.include, check_guid);
    section.text("filter", groups.filter);
    read_kinds(section, groups);
    section.word<Microsoft365As>(
        "microsoft365_as", groups.microsoft365_as,
        {{"universalDistributionGroup", Microsoft365As::universal_distribution_group},
         {"universalSecurityGroup", Microsoft365As::universal_security_group},
         {"universalMailEnabledSecurityGroup",
          Microsoft365As::universal_mail_enabled_security_group}});
    section.word("on_soft_delete", groups.on_soft_delete, on_gone);
    section.word("on_delete", groups.on_delete, on_gone);
    section.word("on_out_of_scope", groups.on_out_of_scope, on_gone);
    section.word<DriftAction>("drift", groups.drift,
                              {{"repair", DriftAction::repair}, {"report", DriftAction::report}});
    section.flag("recreate", groups.recreate);
    section.flag("role_assignable", groups.role_assignable);
    section.flag("dynamic", groups.dynamic);
    section.word<Membership>(
        "membership", groups.membership,
        {{"authoritative", Membership::authoritative}, {"additive", Membership::additive}});
    section.refuse_unknown();

    for (auto& id : groups.include)
        canonical(id);
    section.require("policy",
                    "it has no default; write policy = \"report-only\" (looks, never writes), "
                    "\"no-removals\" (only adds) or \"full\"");
    check_selection(section, groups);
}

void read_guard(ConfigSection section, GuardConfig& guard) {
    section.limit("max_group_deletions", guard.max_group_deletions);
    section.duration("window", guard.window, 1min, 24h * 366);
    section.limit("max_member_removals", guard.max_member_removals);
    section.number("min_members", guard.min_members, 0, any_number);
    section.limit("max_inferred_removals", guard.max_inferred_removals);
    section.number("inferred_removals_floor", guard.inferred_removals_floor, 0, any_number);
    section.flag("limit_explicit_removals", guard.limit_explicit_removals);
    section.refuse_unknown();
}

void read_admin(ConfigSection section, AdminConfig& admin) {
    section.text("listen", admin.listen, check_listen);
    section.flag("allow_remote", admin.allow_remote);
    section.duration("request_timeout", admin.request_timeout, 100ms, 10min);
    section.number("max_connections", admin.max_connections, 1, 10'000);
    section.refuse_unknown();
    const auto address = read_listen_address(admin.listen);
    if (address && !address->is_local() && !admin.allow_remote) {
        section.fail("listen", in_quotes(admin.listen) +
                                   " is not on loopback, and whoever reaches it reads the names of "
                                   "groups: write \"127.0.0.1:PORT\" or \"unix:/PATH\", or "
                                   "allow_remote = true");
    }
}

void read_log(ConfigSection section, LogConfig& log) {
    const Words<std::string> levels{
        {"debug", "debug"}, {"info", "info"}, {"warning", "warning"}, {"error", "error"}};
    section.word("level", log.level, levels);
    section.text("audit_file", log.audit_file);
    section.refuse_unknown();
}

}  // namespace

void read_config_sections(const toml::table& file, ConfigRead& read, Config& config) {
    const auto section = [&](const std::string& name) {
        const auto* node = file.get(name);
        return ConfigSection(node == nullptr ? nullptr : node->as_table(), name, read);
    };
    read_graph(section("graph"), config.graph);
    read_webhook(section("webhook"), config.webhook);
    read_directory(section("directory"), config.directory);
    read_groups(section("groups"), config.groups);
    read_mapping(section("mapping"), config.mapping);
    read_guard(section("guard"), config.guard);
    auto store = section("store");
    store.text("path", config.store.path);
    store.refuse_unknown();
    read_admin(section("admin"), config.admin);
    read_log(section("log"), config.log);
}

}  // namespace writeback
