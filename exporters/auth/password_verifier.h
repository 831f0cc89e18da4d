#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "exporters/auth/access_policy.h"
#include "exporters/auth/basic_auth.h"
#include "exporters/auth/fair_queue.h"

namespace halfclosed::auth {

enum class Verdict {
    granted,
    refused,
    turned_away,  ///< nobody knows: too many wait
};

/// Checks passwords in a thread of its own, one after the other, so that nobody waits for bcrypt who is not in need
/// of it. A wrong password is followed by a rest as long as its check was: guessing costs half a core at most.
class PasswordVerifier {
 public:
    struct Case {
        std::shared_ptr<const AccessPolicy> policy;
        Credentials credentials;
        std::string peer;  ///< who asks, as far as the network tells
        /// Called once: from the verifier's thread, from the one that is in ask(), or from the one that is in stop().
        std::function<void(Verdict)> decided;
    };

    PasswordVerifier() = default;
    ~PasswordVerifier() { stop(); }
    PasswordVerifier(const PasswordVerifier&) = delete;
    PasswordVerifier& operator=(const PasswordVerifier&) = delete;

    /// Does not wait. The first call starts the thread.
    void ask(Case asked);

    /// Those who wait are turned away, and those who come later. Idempotent.
    void stop();

 private:
    static constexpr std::size_t kPlaces = 16;
    static constexpr std::ptrdiff_t kPlacesOfOne = 4;

    /// Starts the thread if there is none. Under mutex_.
    bool works();
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    FairQueue<Case> waiting_{kPlaces, kPlacesOfOne};  ///< under mutex_
    bool stopped_ = false;                            ///< under mutex_
    std::thread thread_;
};

}  // namespace halfclosed::auth
