#include "exporters/http/authorization.h"

#include <sys/socket.h>

#include <stdexcept>
#include <utility>

#include "exporters/http/peer_key.h"

namespace halfclosed::exporters {

Admission::Guard Admission::guard() {
    const std::lock_guard lock(mutex_);
    return guard_;
}

void Admission::admit_by(Guard guard) {
    if (has_tls(guard) != tls_) {
        throw std::invalid_argument("TLS is turned on and off by a restart alone");
    }
    const std::lock_guard lock(mutex_);
    if (guard != nullptr && guard_ != nullptr) {
        guard->users().remember_as(guard_->users());
    }
    guard_.swap(guard);
}

std::unique_ptr<Admission::Guard> Admission::take_handshake(MHD_Connection* connection) {
    if (!tls_) {
        return nullptr;
    }
    auto held = std::make_unique<Guard>(guard());
    const MHD_ConnectionInfo* session =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (!(*held)->tls()->take(static_cast<gnutls_session_int*>(session->tls_session))) {
        const MHD_ConnectionInfo* socket =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        shutdown(socket->connect_fd, SHUT_RDWR);
    }
    return held;
}

bool Admission::examine(MHD_Connection* connection, std::atomic<auth::Verdict>& verdict) {
    const Guard guard = this->guard();
    if (guard == nullptr || guard->users().empty()) {
        return false;
    }
    const char* sent =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
    auto credentials = auth::basic_credentials(sent != nullptr ? sent : "");
    if (!credentials) {
        verdict = auth::Verdict::refused;
        return false;
    }
    if (guard->users().remembers(*credentials)) {
        return false;
    }
    const sockaddr* peer =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    auth::Examiner::Case asked{guard, *std::move(credentials), peer_name(peer),
                               [&verdict, connection](auth::Verdict given) {
                                   verdict = given;
                                   MHD_resume_connection(connection);
                               }};
    MHD_suspend_connection(connection);
    examiner_.ask(std::move(asked));
    return true;
}

}  // namespace halfclosed::exporters
