#include "exporters/auth/access_policy.h"

#include <stdexcept>

namespace halfclosed::auth {

namespace {

std::optional<TlsContext> tls_context(const WebConfig& config, const std::string& file) {
    if (!config.tls) {
        return std::nullopt;
    }
    try {
        return std::optional<TlsContext>(std::in_place, *config.tls);
    } catch (const std::invalid_argument& error) {
        throw std::invalid_argument(file + ": " + error.what());
    }
}

}  // namespace

AccessPolicy::AccessPolicy(const std::string& file) : AccessPolicy(read_web_config(file), file) {
}

AccessPolicy::AccessPolicy(const WebConfig& config, const std::string& file)
    : tls_(tls_context(config, file)),
      users_(config.users),
      certificates_verified_(config.tls && config.tls->client == ClientCertificate::verified),
      headers_(config.headers) {
}

}  // namespace halfclosed::auth
