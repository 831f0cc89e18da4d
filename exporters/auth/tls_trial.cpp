#include "exporters/auth/tls_trial.h"

#include <gnutls/gnutls.h>

#include <algorithm>
#include <memory>
#include <string>

namespace halfclosed::auth {

namespace {

/// One end of the connection. What it sends is appended to `out`.
struct End {
    std::string* in = nullptr;
    std::string* out = nullptr;
    gnutls_session_t session = nullptr;

    End() = default;
    ~End() {
        if (session != nullptr) {
            gnutls_deinit(session);
        }
    }
    End(const End&) = delete;
    End& operator=(const End&) = delete;
};

ssize_t push(gnutls_transport_ptr_t end, const void* data, std::size_t size) {
    static_cast<End*>(end)->out->append(static_cast<const char*>(data), size);
    return static_cast<ssize_t>(size);
}

ssize_t pull(gnutls_transport_ptr_t of, void* data, std::size_t room) {
    const End& end = *static_cast<End*>(of);
    if (end.in->empty()) {
        gnutls_transport_set_errno(end.session, EAGAIN);
        return -1;
    }
    const std::size_t count = end.in->copy(static_cast<char*>(data), room);
    end.in->erase(0, count);
    return static_cast<ssize_t>(count);
}

int pull_timeout(gnutls_transport_ptr_t end, unsigned) {
    return static_cast<End*>(end)->in->empty() ? 0 : 1;
}

int begin(End& end, unsigned flags, gnutls_certificate_credentials_st* credentials,
          gnutls_priority_st* priority) {
    int result = gnutls_init(&end.session, flags);
    if (result == 0) {
        result = gnutls_priority_set(end.session, priority);
    }
    if (result == 0) {
        result = gnutls_credentials_set(end.session, GNUTLS_CRD_CERTIFICATE, credentials);
    }
    if (result == 0) {
        gnutls_transport_set_ptr(end.session, &end);
        gnutls_transport_set_push_function(end.session, &push);
        gnutls_transport_set_pull_function(end.session, &pull);
        gnutls_transport_set_pull_timeout_function(end.session, &pull_timeout);
    }
    return result;
}

}  // namespace

int try_handshake(gnutls_certificate_credentials_st* credentials, gnutls_priority_st* priority) {
    gnutls_certificate_credentials_t anonymous = nullptr;
    int result = gnutls_certificate_allocate_credentials(&anonymous);
    if (result != 0) {
        return result;
    }
    const std::unique_ptr<gnutls_certificate_credentials_st,
                          void (*)(gnutls_certificate_credentials_t)>
        owned(anonymous, gnutls_certificate_free_credentials);
    std::string to_server;
    std::string to_client;
    End server;
    End client;
    server.in = client.out = &to_server;
    server.out = client.in = &to_client;
    result = begin(server, GNUTLS_SERVER | GNUTLS_NO_SIGNAL, credentials, priority);
    if (result == 0) {
        result = begin(client, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL, anonymous, priority);
    }
    if (result != 0) {
        return result;
    }
    // Each turn answers what the other has sent; TLS 1.2 takes four flights.
    constexpr int kTurns = 10;
    int of_client = GNUTLS_E_AGAIN;
    int of_server = GNUTLS_E_AGAIN;
    for (int turn = 0; turn < kTurns && (of_client != 0 || of_server != 0); ++turn) {
        of_client = of_client != 0 ? gnutls_handshake(client.session) : 0;
        of_server = of_server != 0 ? gnutls_handshake(server.session) : 0;
        // The server's error is the one that tells; the client's is about what the server said.
        for (const int error : {of_server, of_client}) {
            if (error != 0 && gnutls_error_is_fatal(error) != 0) {
                return error;
            }
        }
    }
    return of_client != 0 ? of_client : of_server;
}

}  // namespace halfclosed::auth
