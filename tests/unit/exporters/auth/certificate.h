#pragma once

#include <string>

namespace halfclosed::auth {

/// PEM.
struct Certificate {
    std::string certificate;
    std::string key;
};

enum class KeyType { rsa, ecdsa };

/// A certificate for "localhost" that vouches for itself. `usage`: GNUTLS_KEY_… bits of its key usage extension; 0: it
/// has none.
Certificate self_signed(KeyType type = KeyType::ecdsa, unsigned usage = 0);

}  // namespace halfclosed::auth
