#pragma once

#include <memory>

#include "exporters/auth/tls_refusals.h"
#include "exporters/auth/web_config.h"

struct gnutls_certificate_credentials_st;
struct gnutls_priority_st;
struct gnutls_session_int;

namespace halfclosed::auth {

/// The server's certificate, and what it asks of clients, ready for handshakes. Thread-safe.
class TlsContext {
 public:
    /// Throws std::invalid_argument with the key and what GnuTLS says: a key of another certificate, PEM that is none, a
    /// certificate that no handshake succeeds with.
    explicit TlsContext(const TlsSettings& settings);

    /// Puts the session under this context, before its handshake. The context has to outlive it. False if GnuTLS
    /// refuses; the session must not go on then.
    bool take(gnutls_session_int* session) const;

 private:
    struct Callbacks;  ///< of GnuTLS

    struct Free {
        void operator()(gnutls_certificate_credentials_st* credentials) const;
        void operator()(gnutls_priority_st* priority) const;
    };

    TlsSettings settings_;  ///< without the key
    mutable TlsRefusals refusals_;
    std::unique_ptr<gnutls_certificate_credentials_st, Free> credentials_;
    std::unique_ptr<gnutls_priority_st, Free> priority_;
};

}  // namespace halfclosed::auth
