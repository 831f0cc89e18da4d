#pragma once

#include <microhttpd.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "exporters/auth/access_policy.h"
#include "exporters/auth/password_verifier.h"

namespace halfclosed::exporters {

/// Who may read, for the connections and requests of libmicrohttpd.
class Admission {
 public:
    using Guard = std::shared_ptr<const auth::Guard>;

    /// Nothing: everybody, in clear.
    explicit Admission(Guard guard) : guard_(std::move(guard)), tls_(has_tls(guard_)) {}

    /// Does not change.
    bool tls() const { return tls_; }

    /// The guard in force. Thread-safe.
    Guard guard();

    /// Another one from now on. Throws std::invalid_argument where one has TLS and the other has not. Thread-safe.
    void admit_by(Guard guard);

    /// Puts the handshake of a new connection under the guard in force; nothing without TLS. To be kept as long as the
    /// connection: a reload may make it the last reference.
    std::unique_ptr<Guard> take_handshake(MHD_Connection* connection);

    /// Judges who sent this request. True: that takes a while, the connection is suspended until `verdict` is there,
    /// and it must not go before.
    bool examine(MHD_Connection* connection, std::atomic<auth::Verdict>& verdict);

    /// Whoever waits for a verdict is turned away, and the connection resumed. Idempotent.
    void stop() { examiner_.stop(); }

 private:
    static bool has_tls(const Guard& guard) { return guard != nullptr && guard->tls() != nullptr; }

    std::mutex mutex_;
    Guard guard_;  ///< under mutex_
    const bool tls_;
    auth::Examiner examiner_;
};

}  // namespace halfclosed::exporters
