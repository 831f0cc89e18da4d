#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "exporters/auth/tls_context.h"
#include "exporters/auth/users.h"

namespace halfclosed::auth {

/// What stands between the page and those who ask for it, as one web configuration file says. Does not change; a
/// reload makes another one. Thread-safe.
class AccessPolicy {
 public:
    /// Reads the file and all that it names. Throws std::invalid_argument with file, line and key for what is wrong.
    explicit AccessPolicy(const std::string& file);

    /// Nothing: plain HTTP.
    const TlsContext* tls() const { return tls_ ? &*tls_ : nullptr; }
    /// Empty: nobody is asked for a password.
    const Users& users() const { return users_; }
    /// Whether whoever gets an answer has said who they are: by a password, or by a certificate that was verified.
    bool authenticates() const { return !users_.empty() || certificates_verified_; }
    /// Set in every answer; an empty one is left out.
    const std::map<std::string, std::string>& headers() const { return headers_; }

 private:
    AccessPolicy(const WebConfig& config, const std::string& file);

    std::optional<TlsContext> tls_;
    Users users_;
    bool certificates_verified_;
    std::map<std::string, std::string> headers_;
};

}  // namespace halfclosed::auth
