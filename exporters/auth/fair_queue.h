#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace halfclosed::auth {

/// A bounded queue with one place a peer. Where it is full, a peer that was not served lately takes the place of the one
/// that was served last: a flood of many peers wears out those that it has sent before, and keeps nobody else out.
template <typename Item>
class FairQueue {
 public:
    explicit FairQueue(std::size_t places) : places_(places) {}

    /// Who has to leave for lack of room: nobody, somebody else, or the newcomer himself.
    std::optional<Item> push(const std::string& peer, Item item) {
        const auto same = [&peer](const Waiting& each) { return each.peer == peer; };
        if (std::any_of(waiting_.begin(), waiting_.end(), same)) {
            return item;
        }
        std::optional<Item> leaves;
        if (waiting_.size() >= places_) {
            const auto last = std::min_element(waiting_.begin(), waiting_.end(),
                                               [this](const Waiting& a, const Waiting& b) {
                                                   return turns_since(a.peer) < turns_since(b.peer);
                                               });
            if (turns_since(peer) <= turns_since(last->peer)) {
                return item;
            }
            leaves = std::move(last->item);
            waiting_.erase(last);
        }
        waiting_.push_back({peer, std::move(item)});
        return leaves;
    }

    /// The one that came first.
    std::optional<Item> pop() {
        if (waiting_.empty()) {
            return std::nullopt;
        }
        Waiting first = std::move(waiting_.front());
        waiting_.pop_front();
        served_.push_front(std::move(first.peer));
        served_.resize(std::min(served_.size(), kRemembered));
        return std::move(first.item);
    }

    bool empty() const { return waiting_.empty(); }

 private:
    static constexpr std::size_t kRemembered = 256;

    struct Waiting {
        std::string peer;
        Item item;
    };

    std::ptrdiff_t turns_since(const std::string& peer) const {
        return std::find(served_.begin(), served_.end(), peer) - served_.begin();
    }

    std::size_t places_;
    std::deque<Waiting> waiting_;
    std::deque<std::string> served_;  ///< lately, the last first
};

}  // namespace halfclosed::auth
