#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "exporters/auth/basic_auth.h"

namespace halfclosed::auth {

/// Who has which password. A password that was found right is remembered, as a digest under a key that never leaves
/// this process, so that a scrape each second does not pay for bcrypt each second. Thread-safe.
class Users {
 public:
    /// bcrypt hashes by name.
    explicit Users(std::map<std::string, std::string> hashes);

    bool empty() const { return hashes_.empty(); }
    bool knows(const std::string& user) const { return hashes_.contains(user); }

    /// Whether these were right before. Takes microseconds.
    bool remembers(const Credentials& credentials) const;

    /// Takes over what another remembers of users whose hash is the same here.
    void remember_as(const Users& before) const;

    /// Whether they are right. Takes as long as bcrypt does, also for a user that there is not.
    bool check(const Credentials& credentials) const;

 private:
    using Digest = std::array<std::uint8_t, 32>;
    /// One for the life of the process.
    static const Digest& key();
    static Digest digest(const Credentials& credentials);

    std::map<std::string, std::string> hashes_;
    std::string nobodys_hash_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, Digest> remembered_;  ///< by user, one each; under mutex_
};

}  // namespace halfclosed::auth
