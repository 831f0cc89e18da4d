#include "guard/users.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "guard/bcrypt.h"

namespace halfclosed::guard {

namespace {

int dearest(const std::map<std::string, std::string>& hashes) {
    int cost = 4;
    for (const auto& [user, hash] : hashes) {
        cost = std::max(cost, bcrypt_cost(hash).value_or(cost));
    }
    return cost;
}

}  // namespace

Users::Users(std::map<std::string, std::string> hashes)
    : hashes_(std::move(hashes)), nobodys_hash_(nobodys_hash(dearest(hashes_))) {
    if (gnutls_rnd(GNUTLS_RND_KEY, key_.data(), key_.size()) != 0) {
        throw std::runtime_error("no random numbers for the key of remembered passwords");
    }
}

bool Users::remembers(const Credentials& credentials) const {
    const Digest made = digest(credentials);
    const std::lock_guard lock(mutex_);
    const auto found = remembered_.find(credentials.user);
    return found != remembered_.end() &&
           gnutls_memcmp(found->second.data(), made.data(), made.size()) == 0;
}

bool Users::check(const Credentials& credentials) const {
    const auto found = hashes_.find(credentials.user);
    const bool known = found != hashes_.end();
    const bool right =
        bcrypt_matches(credentials.password, known ? found->second : nobodys_hash_) && known;
    if (right) {
        const Digest made = digest(credentials);
        const std::lock_guard lock(mutex_);
        remembered_[credentials.user] = made;
    }
    return right;
}

/// The length goes before the name: no two pairs of name and password make the same text.
Users::Digest Users::digest(const Credentials& credentials) const {
    const std::string text = std::to_string(credentials.user.size()) + ":" + credentials.user +
                             ":" + credentials.password;
    Digest made{};
    if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, key_.data(), key_.size(), text.data(), text.size(),
                         made.data()) != 0) {
        throw std::runtime_error("SHA-256 failed");
    }
    return made;
}

}  // namespace halfclosed::guard
