// The configuration as values: every setting with its unit in the type and its default inline.
// platform/config_file reads it from TOML and refuses what is wrong; nothing else reads settings or
// the environment.
//
// Secrets are not kept here: a setting ending in _file names a file, read when it is needed
// (platform/secret_file).
#pragma once

#include <writeback/result.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace writeback {

using namespace std::chrono_literals;

enum class Cloud { global, usgov, usgov_dod, china };

struct GraphConfig {
    std::string tenant_id;  // GUID
    std::string client_id;  // GUID
    // One of: a secret; certificate and key; a federated token; a managed identity.
    std::string client_secret_file;
    std::string certificate_file;
    std::string private_key_file;
    std::string federated_token_file;
    bool managed_identity = false;
    Cloud cloud = Cloud::global;
    std::string
        authority;  // override of the token address, "http://127.0.0.1:8401"; empty: the cloud's
    std::string endpoint;          // override of Graph's address; empty: the cloud's
    std::string ca_file;           // empty: the system's
    std::string proxy;             // "http://proxy:3128"; empty: none
    Duration poll_interval = 60s;  // 1s to 24h
    // Limits.
    Duration connect_timeout = 10s;
    Duration request_timeout = 60s;  // of one HTTP exchange, throttling waits not counted
    Duration throttle_limit = 5min;  // the longest Retry-After that is waited out within a call
    std::size_t max_response = 64 << 20;  // bytes of one answer
    int max_attempts = 5;                 // of one call, on 429, 5xx, and broken connections
    int max_connections = 4;              // at once; further requests wait their turn
    std::size_t max_head = 64 << 10;      // bytes of an answer's status line and headers
    Duration idle_timeout = 60s;          // of a connection kept between requests
};

struct WebhookConfig {
    std::string listen = "127.0.0.1:8443";  // "address:port" or "unix:/path"
    std::string public_url;            // https://…; its path is the prefix of the two POST paths
    std::string tls_certificate_file;  // both or neither
    std::string tls_private_key_file;
    std::string client_state_file;   // empty: generated and kept in the store
    std::size_t max_body = 1 << 20;  // bytes
    // Limits.
    std::size_t max_head = 16 << 10;  // bytes of request line and headers
    Duration head_timeout =
        10s;  // from the first byte of a request, or the accept, to the end of its head
    Duration body_timeout = 10s;  // total, from the end of the head
    Duration idle_timeout = 60s;  // between requests of one connection
    int max_connections = 1024;
    int max_nesting = 32;          // of JSON
    std::size_t max_items = 1000;  // notifications in one POST
    // Bytes of all bodies over 64 KiB that are being received or handled at once; beyond: 503.
    std::size_t max_body_total = 64 << 20;
    std::size_t inbox_queue = 4096;  // hints that may wait for the disk; beyond: 503
    Duration subscription_lifetime = 41'760min - 60min;  // asked for at creation and renewal
};

enum class Bind { simple, gssapi };

struct DirectoryConfig {
    std::vector<std::string> servers;  // ldap:// or ldaps:// URLs, tried in order
    Bind bind = Bind::simple;
    std::string bind_dn;
    std::string password_file;
    std::string keytab_file;
    std::string principal;
    std::string ca_file;
    bool start_tls = false;
    std::string container;  // where groups are made
    std::vector<std::string>
        containers;  // further ones that may hold groups; container is always among them
    // Limits.
    Duration connect_timeout = 10s;
    Duration operation_timeout = 60s;
    int window = 32;               // LDAP operations outstanding at once
    int groups_at_once = 16;       // groups worked on at once
    int values_per_modify = 1000;  // members in one modify
    int page_size = 500;           // entries of one page of a search
    int range_size = 1500;         // members asked for in one read
    std::size_t queue = 10'000;    // LDAP operations that may wait for the window; beyond: refused
    std::size_t max_reply = 64 << 20;  // bytes of one reply
    Duration reconnect_least = 500ms;
    Duration reconnect_most = 60s;
    Duration credentials_pause = 5min;  // after result 49, unless the password file changes
    // So long a group that another domain controller may have made, whose answer was lost, is not
    // made anew: longer than replication takes. The default is what AD replicates by between sites.
    Duration replication_wait = 3h;
    // ldap:// or ldaps:// URLs of global catalogs; empty: that of the server in use.
    std::vector<std::string> global_catalog;
    // What someone else changed.
    Duration change_poll = 2s;  // between looks where the server has no change notification
    Duration full_audit = 24h;  // between reads of everything; 0: never
    int presence_check = 100;   // known groups looked for at each look; 0: none
};

enum class Policy { report_only, no_removals, full };
enum class Select { all, listed, writeback_configuration, assigned, filter };
enum class Microsoft365As {
    universal_distribution_group,
    universal_security_group,
    universal_mail_enabled_security_group
};
enum class OnGone { empty, keep, convert, remove };  // `delete` in the file
enum class DriftAction { repair, report };
enum class Membership { authoritative, additive };

struct GroupsConfig {
    Policy policy = Policy::report_only;  // required in the file
    Select select = Select::all;
    std::vector<std::string> include;  // select = listed: object ids
    std::string filter;                // select = filter
    bool kind_microsoft365 = true;
    bool kind_security = true;
    Microsoft365As microsoft365_as = Microsoft365As::universal_distribution_group;
    OnGone on_soft_delete = OnGone::empty;
    OnGone on_delete = OnGone::remove;
    OnGone on_out_of_scope = OnGone::empty;
    DriftAction drift = DriftAction::repair;
    bool recreate = false;
    bool role_assignable = true;  // groups that Entra roles can be assigned to
    bool dynamic = true;          // groups with dynamic membership
    Membership membership = Membership::authoritative;
};

// A number, or a percentage.
struct Limit {
    double value = 0;
    bool percent = false;
};

struct GuardConfig {
    Limit max_group_deletions{10, false};
    Duration window = 24h;
    Limit max_member_removals{30, true};
    std::int64_t min_members = 20;
    Limit max_inferred_removals{10, true};
    std::int64_t inferred_removals_floor = 100;
    bool limit_explicit_removals = false;
};

struct StoreConfig {
    std::string path = "/var/lib/group-writeback/state.db";
};

struct AdminConfig {
    std::string listen = "127.0.0.1:9464";  // "address:port" or "unix:/path"
    bool allow_remote = false;              // may `listen` be an address off loopback
    // Limits.
    Duration request_timeout = 10s;  // for a request's head, and for its answer
    int max_connections = 64;
};

struct LogConfig {
    std::string level = "info";  // debug, info, warning, error
    std::string audit_file;      // empty: none
};

struct Config {
    std::string file;  // where it was read from, for messages
    GraphConfig graph;
    std::optional<WebhookConfig> webhook;
    DirectoryConfig directory;
    GroupsConfig groups;
    std::map<std::string, std::string> mapping;  // attribute -> expression; empty: the defaults
    GuardConfig guard;
    StoreConfig store;
    AdminConfig admin;
    LogConfig log;
};

}  // namespace writeback
