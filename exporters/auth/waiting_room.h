#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace halfclosed::auth {

/// A bounded queue that is fair between parties: each party has its turn after the others, and where there is no room
/// the party with most waiting gives way; among several such, the one whose turn was last, before those that had none
/// lately. So a flood keeps those of its own party waiting, and a flood of many parties those that it has sent before.
template <typename Visitor>
class WaitingRoom {
 public:
    explicit WaitingRoom(std::size_t places) : places_(places) {}

    /// Who has to leave for lack of room: nobody, somebody of another party, or the newcomer himself.
    std::optional<Visitor> enter(const std::string& party, Visitor visitor) {
        std::deque<Visitor>& own = waiting_[party];
        own.push_back(std::move(visitor));
        ++count_;
        if (count_ <= places_) {
            return std::nullopt;
        }
        auto leaves = waiting_.find(party);
        for (auto each = waiting_.begin(); each != waiting_.end(); ++each) {
            if (claim(*each) < claim(*leaves)) {
                leaves = each;
            }
        }
        return take(leaves, false);
    }

    /// The oldest of the party whose turn it is.
    std::optional<Visitor> next() {
        if (waiting_.empty()) {
            return std::nullopt;
        }
        auto turn = waiting_.upper_bound(last_);
        if (turn == waiting_.end()) {
            turn = waiting_.begin();
        }
        last_ = turn->first;
        lately_.push_back(last_);
        if (lately_.size() > kLately) {
            lately_.pop_front();
        }
        return take(turn, true);
    }

    bool empty() const { return count_ == 0; }

 private:
    using Parties = std::map<std::string, std::deque<Visitor>>;
    static constexpr std::size_t kLately = 256;

    /// What a party has to stay: the more, the fewer it is and the longer ago its turn was.
    std::pair<long, long> claim(const typename Parties::value_type& party) const {
        const auto turn = std::find(lately_.rbegin(), lately_.rend(), party.first);
        return {-static_cast<long>(party.second.size()), turn - lately_.rbegin()};
    }

    Visitor take(typename Parties::iterator party, bool oldest) {
        std::deque<Visitor>& queue = party->second;
        Visitor taken = std::move(oldest ? queue.front() : queue.back());
        oldest ? queue.pop_front() : queue.pop_back();
        if (queue.empty()) {
            waiting_.erase(party);
        }
        --count_;
        return taken;
    }

    std::size_t places_;
    std::size_t count_ = 0;
    Parties waiting_;                 ///< no queue is empty
    std::string last_;                ///< the party that had its turn
    std::deque<std::string> lately_;  ///< and those before it
};

}  // namespace halfclosed::auth
