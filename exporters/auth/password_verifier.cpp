#include "exporters/auth/password_verifier.h"

#include <exception>
#include <system_error>
#include <utility>

#include "posix/signals_blocked.h"

namespace halfclosed::auth {

namespace {

using Clock = std::chrono::steady_clock;

/// A name that there is has a place of its own beside the others of its peer; inventing names gains nothing.
std::string place_of(const PasswordVerifier::Case& asked) {
    const std::string& user = asked.credentials.user;
    return asked.policy->users().knows(user) ? asked.peer + "/" + user : asked.peer;
}

Verdict verdict_on(const PasswordVerifier::Case& asked) {
    const Users& users = asked.policy->users();
    try {
        // It may have been found right while it waited.
        const bool right = users.remembers(asked.credentials) || users.check(asked.credentials);
        return right ? Verdict::granted : Verdict::refused;
    } catch (const std::exception&) {
        return Verdict::turned_away;  // no memory for bcrypt
    }
}

}  // namespace

void PasswordVerifier::ask(Case asked) {
    std::optional<Case> leaves;
    {
        const std::lock_guard lock(mutex_);
        if (works()) {
            const std::string place = place_of(asked);
            leaves = waiting_.push(place, std::move(asked));
        } else {
            leaves = std::move(asked);
        }
    }
    changed_.notify_one();
    if (leaves) {
        leaves->decided(Verdict::turned_away);
    }
}

bool PasswordVerifier::works() {
    if (stopped_ || thread_.joinable()) {
        return !stopped_;
    }
    const posix::SignalsBlocked blocked;
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
        // As many threads as the system allows: another request may find it different.
    }
    return thread_.joinable();
}

void PasswordVerifier::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
    while (auto waits = waiting_.pop()) {
        waits->decided(Verdict::turned_away);
    }
}

void PasswordVerifier::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
        if (stopped_) {
            return;
        }
        const auto asked = waiting_.pop();
        lock.unlock();
        const auto begin = Clock::now();
        const Verdict verdict = verdict_on(*asked);
        asked->decided(verdict);
        const auto took = Clock::now() - begin;
        lock.lock();
        if (verdict == Verdict::refused) {
            changed_.wait_for(lock, took, [this] { return stopped_; });
        }
    }
}

}  // namespace halfclosed::auth
