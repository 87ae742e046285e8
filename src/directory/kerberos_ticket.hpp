// A Kerberos ticket from a keytab, for one thread.
//
// Purpose: bind = "gssapi" without kinit, cron jobs or process-wide environment: the ticket lies in
// a memory cache of its own, which is this thread's default for GSSAPI while the object lives.
// Failures: credentials (the KDC does not know the principal or key, or has locked it),
// invalid_configuration (the keytab cannot be read or lacks the principal), unreachable (no KDC).
// Limits: Kerberos' own timeouts; it may block for many seconds. Threads: to be made, used and
// destroyed on one thread. Cancellation: none.
#pragma once

#include <writeback/result.hpp>

#include <memory>
#include <string>

namespace writeback {

class KerberosTicket {
 public:
    static Result<std::unique_ptr<KerberosTicket>> from_keytab(const std::string& keytab_file,
                                                               const std::string& principal);
    ~KerberosTicket();
    KerberosTicket(const KerberosTicket&) = delete;
    KerberosTicket& operator=(const KerberosTicket&) = delete;

 private:
    struct Parts;
    explicit KerberosTicket(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace writeback
