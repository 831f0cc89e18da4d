#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace halfclosed::auth {

/// A bounded queue with a few places a peer. Whose turn was longest ago comes next; where the queue is full, a peer that
/// was not served lately takes the place of the one that was served last. So a flood keeps its own peers waiting, and a
/// flood of many peers those that it has sent before.
template <typename Item>
class FairQueue {
 public:
    FairQueue(std::size_t places, std::ptrdiff_t places_of_one)
        : places_(places), places_of_one_(places_of_one) {}

    /// Who has to leave for lack of room: nobody, somebody else, or the newcomer himself.
    std::optional<Item> push(const std::string& peer, Item item) {
        const auto same = [&peer](const Waiting& each) { return each.peer == peer; };
        if (std::count_if(waiting_.begin(), waiting_.end(), same) >= places_of_one_) {
            return item;
        }
        std::optional<Item> leaves;
        if (waiting_.size() >= places_) {
            const auto last = std::min_element(waiting_.begin(), waiting_.end(), earlier());
            if (turns_since(peer) <= turns_since(last->peer)) {
                return item;
            }
            leaves = std::move(last->item);
            waiting_.erase(last);
        }
        waiting_.push_back({peer, std::move(item)});
        return leaves;
    }

    /// The next one; of those whose turn was equally long ago, the one that came first.
    std::optional<Item> pop() {
        if (waiting_.empty()) {
            return std::nullopt;
        }
        const auto turn = std::max_element(waiting_.begin(), waiting_.end(), earlier());
        Waiting next = std::move(*turn);
        waiting_.erase(turn);
        served_.push_front(std::move(next.peer));
        served_.resize(std::min(served_.size(), kRemembered));
        return std::move(next.item);
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

    auto earlier() const {
        return [this](const Waiting& a, const Waiting& b) {
            return turns_since(a.peer) < turns_since(b.peer);
        };
    }

    std::size_t places_;
    std::ptrdiff_t places_of_one_;
    std::deque<Waiting> waiting_;
    std::deque<std::string> served_;  ///< lately, the last first
};

}  // namespace halfclosed::auth
