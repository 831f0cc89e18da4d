#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "exporters/auth/access_policy.h"
#include "exporters/auth/password_verifier.h"
#include "http/request.h"

struct gnutls_session_int;

namespace halfclosed::exporters {

/// Who may read the page, by the access policy in force. Thread-safe.
class Authorization {
 public:
    using AccessPolicy = std::shared_ptr<const auth::AccessPolicy>;

    /// Nothing: everybody, in clear.
    explicit Authorization(AccessPolicy access_policy);

    /// Does not change.
    bool tls() const { return tls_; }

    /// The policy in force.
    AccessPolicy access_policy();

    /// Another one from now on. Throws std::invalid_argument if one has TLS and the other has not.
    void admit_by(AccessPolicy access_policy);

    /// The policy that the session is under now, to be kept as long as it; nothing if GnuTLS refuses.
    std::shared_ptr<const void> take(gnutls_session_int* session);

    /// Judges who sent this request. `decided` is called once: at once, or from the verifier's thread where a password
    /// has to be checked.
    void judge(const http::Request& request, std::function<void(auth::Verdict)> decided);

 private:
    std::mutex mutex_;
    AccessPolicy access_policy_;  ///< under mutex_
    const bool tls_;
    auth::PasswordVerifier verifier_;
};

}  // namespace halfclosed::exporters
