#include "exporters/auth/tls_refusals.h"

#include <gnutls/gnutls.h>

#include "posix/socket_address.h"
#include "text/log.h"

namespace halfclosed::auth {

namespace {

std::string peer_of(gnutls_session_t session) {
    const auto address = posix::SocketAddress::of_peer(gnutls_transport_get_int(session));
    return address ? address->host() : "a client";
}

}  // namespace

void TlsRefusals::refuse(gnutls_session_t session, int alert, const std::string& why) {
    gnutls_alert_send(session, GNUTLS_AL_FATAL, static_cast<gnutls_alert_description_t>(alert));
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now - told_ < kBetweenLines) {
        ++untold_;
        return;
    }
    told_ = now;
    const std::string others =
        untold_ > 0 ? "; " + std::to_string(untold_) + " more were since the last line" : "";
    untold_ = 0;
    log::warn("TLS: {} is turned away: {}{}", peer_of(session), why, others);
}

}  // namespace halfclosed::auth
