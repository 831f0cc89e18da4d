#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace halfclosed::guard {

/// A bounded queue that is fair between parties: each party has its turn after the others, and where there is no room
/// the party with most waiting gives way. So a flood keeps those of its own party waiting and nobody else.
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
        auto busiest = waiting_.find(party);
        for (auto each = waiting_.begin(); each != waiting_.end(); ++each) {
            if (each->second.size() > busiest->second.size()) {
                busiest = each;
            }
        }
        return take(busiest, false);
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
        return take(turn, true);
    }

    bool empty() const { return count_ == 0; }

 private:
    using Parties = std::map<std::string, std::deque<Visitor>>;

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
    Parties waiting_;   ///< no queue is empty
    std::string last_;  ///< the party that had its turn
};

}  // namespace halfclosed::guard
