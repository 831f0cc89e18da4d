#include "exporters/auth/users.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "exporters/auth/bcrypt.h"

namespace halfclosed::auth {

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
    key();  // if there is none, this is the place to say so
}

const Users::Digest& Users::key() {
    static const Digest made = [] {
        Digest random{};
        if (gnutls_rnd(GNUTLS_RND_KEY, random.data(), random.size()) != 0) {
            throw std::runtime_error("no random numbers for the key of remembered passwords");
        }
        return random;
    }();
    return made;
}

void Users::remember_as(const Users& before) const {
    const std::scoped_lock lock(mutex_, before.mutex_);
    for (const auto& [user, digest] : before.remembered_) {
        const auto now = hashes_.find(user);
        if (now != hashes_.end() && now->second == before.hashes_.at(user)) {
            remembered_[user] = digest;
        }
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
Users::Digest Users::digest(const Credentials& credentials) {
    const std::string text = std::to_string(credentials.user.size()) + ":" + credentials.user +
                             ":" + credentials.password;
    Digest made{};
    if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, key().data(), key().size(), text.data(), text.size(),
                         made.data()) != 0) {
        throw std::runtime_error("SHA-256 failed");
    }
    return made;
}

}  // namespace halfclosed::auth
