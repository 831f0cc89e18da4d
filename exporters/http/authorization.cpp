#include "exporters/http/authorization.h"

#include <sys/socket.h>

#include <stdexcept>
#include <utility>

#include "exporters/http/peer_key.h"

namespace halfclosed::exporters {

Authorization::AccessPolicy Authorization::access_policy() {
    const std::lock_guard lock(mutex_);
    return access_policy_;
}

void Authorization::admit_by(AccessPolicy access_policy) {
    if (has_tls(access_policy) != tls_) {
        throw std::invalid_argument("TLS is turned on and off by a restart alone");
    }
    const std::lock_guard lock(mutex_);
    if (access_policy != nullptr && access_policy_ != nullptr) {
        access_policy->users().remember_as(access_policy_->users());
    }
    access_policy_.swap(access_policy);
}

std::unique_ptr<Authorization::AccessPolicy> Authorization::take_handshake(
    MHD_Connection* connection) {
    if (!tls_) {
        return nullptr;
    }
    auto held = std::make_unique<AccessPolicy>(access_policy());
    const MHD_ConnectionInfo* session =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (!(*held)->tls()->take(static_cast<gnutls_session_int*>(session->tls_session))) {
        const MHD_ConnectionInfo* socket =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        shutdown(socket->connect_fd, SHUT_RDWR);
    }
    return held;
}

bool Authorization::examine(MHD_Connection* connection, std::atomic<auth::Verdict>& verdict) {
    const AccessPolicy access_policy = this->access_policy();
    if (access_policy == nullptr || access_policy->users().empty()) {
        return false;
    }
    const char* sent =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
    auto credentials = auth::basic_credentials(sent != nullptr ? sent : "");
    if (!credentials) {
        verdict = auth::Verdict::refused;
        return false;
    }
    if (access_policy->users().remembers(*credentials)) {
        return false;
    }
    const sockaddr* peer =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    auth::PasswordVerifier::Case asked{access_policy, *std::move(credentials), peer_name(peer),
                                       [&verdict, connection](auth::Verdict given) {
                                           verdict = given;
                                           MHD_resume_connection(connection);
                                       }};
    MHD_suspend_connection(connection);
    verifier_.ask(std::move(asked));
    return true;
}

}  // namespace halfclosed::exporters
