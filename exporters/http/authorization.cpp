#include "exporters/http/authorization.h"

#include <stdexcept>
#include <utility>

namespace halfclosed::exporters {

namespace {

bool has_tls(const Authorization::AccessPolicy& access_policy) {
    return access_policy != nullptr && access_policy->tls() != nullptr;
}

}  // namespace

Authorization::Authorization(AccessPolicy access_policy)
    : access_policy_(std::move(access_policy)), tls_(has_tls(access_policy_)) {
}

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

std::shared_ptr<const void> Authorization::take(gnutls_session_int* session) {
    AccessPolicy policy = access_policy();
    return policy->tls()->take(session) ? policy : nullptr;
}

void Authorization::judge(const http::Request& request,
                          std::function<void(auth::Verdict)> decided) {
    const AccessPolicy policy = access_policy();
    if (policy == nullptr || policy->users().empty()) {
        decided(auth::Verdict::granted);
        return;
    }
    auto credentials = auth::basic_credentials(request.header("authorization"));
    if (!credentials) {
        decided(auth::Verdict::refused);
    } else if (policy->users().remembers(*credentials)) {
        decided(auth::Verdict::granted);
    } else {
        verifier_.ask({policy, *std::move(credentials), request.peer.key, std::move(decided)});
    }
}

}  // namespace halfclosed::exporters
