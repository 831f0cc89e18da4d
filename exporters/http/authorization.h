#pragma once

#include <microhttpd.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "exporters/auth/access_policy.h"
#include "exporters/auth/password_verifier.h"

namespace halfclosed::exporters {

/// Who may read, for the connections and requests of libmicrohttpd.
class Authorization {
 public:
    using AccessPolicy = std::shared_ptr<const auth::AccessPolicy>;

    /// Nothing: everybody, in clear.
    explicit Authorization(AccessPolicy access_policy)
        : access_policy_(std::move(access_policy)), tls_(has_tls(access_policy_)) {}

    /// Does not change.
    bool tls() const { return tls_; }

    /// The access_policy in force. Thread-safe.
    AccessPolicy access_policy();

    /// Another one from now on. Throws std::invalid_argument where one has TLS and the other has not. Thread-safe.
    void admit_by(AccessPolicy access_policy);

    /// Puts the handshake of a new connection under the access_policy in force; nothing without TLS. To be kept as long as the
    /// connection: a reload may make it the last reference.
    std::unique_ptr<AccessPolicy> take_handshake(MHD_Connection* connection);

    /// Judges who sent this request. True: that takes a while, the connection is suspended until `verdict` is there,
    /// and it must not go before.
    bool examine(MHD_Connection* connection, std::atomic<auth::Verdict>& verdict);

    /// Whoever waits for a verdict is turned away, and the connection resumed. Idempotent.
    void stop() { verifier_.stop(); }

 private:
    static bool has_tls(const AccessPolicy& access_policy) {
        return access_policy != nullptr && access_policy->tls() != nullptr;
    }

    std::mutex mutex_;
    AccessPolicy access_policy_;  ///< under mutex_
    const bool tls_;
    auth::PasswordVerifier verifier_;
};

}  // namespace halfclosed::exporters
