#include "service/history_counts.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "exporters/snapshot/leaks.h"
#include "exporters/snapshot/named_owners.h"

namespace halfclosed {

namespace {

using StateKey = std::pair<TcpState, tracking::Custody>;

void add(const tracking::SocketCounts& socket_counts, const exporters::Snapshot& snapshot,
         std::initializer_list<TcpState> states, const std::map<StateKey, Duration>& oldest,
         history::CountSample& sample) {
    for (const TcpState state : states) {
        for (const tracking::Custody custody : tracking::kCustodies) {
            std::uint64_t count = 0;
            for (std::size_t label = 0; label < snapshot.port_labels.size(); ++label) {
                for (const tracking::Side side : tracking::kSides) {
                    count += socket_counts.count(label, side, state, custody);
                }
            }
            if (count > 0) {
                const auto age = oldest.find({state, custody});
                sample.states.push_back(
                    {state, custody, count, age == oldest.end() ? Duration{0} : age->second});
            }
        }
    }
}

}  // namespace

history::CountSample counts_of(const exporters::Snapshot& snapshot) {
    history::CountSample sample;
    std::map<StateKey, Duration> oldest;
    std::map<std::string, history::CountSample::OwnerCount> owners;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        Duration& age = oldest[{socket.record.state, socket.custody}];
        age = std::max(age, socket.age(snapshot.instant).value);
        auto& owner = owners[owner_label(snapshot.owner(socket.record))];
        ++owner.half_closed;
        owner.leaked += is_leaked(socket, snapshot) ? 1 : 0;
    }
    for (const tracking::DeadSocket& dead : snapshot.dead) {
        ++owners[owner_label(snapshot.owner(dead.socket.record))].dead;
    }
    using enum TcpState;
    if (snapshot.census) {
        add(snapshot.census->socket_counts, snapshot, {established, time_wait, listen}, oldest,
            sample);
    }
    if (snapshot.closing) {
        add(*snapshot.closing, snapshot, {fin_wait1, fin_wait2, closing, close_wait, last_ack},
            oldest, sample);
    }
    for (auto& [name, owner] : owners) {
        owner.name = name;
        sample.owners.push_back(owner);
    }
    std::stable_sort(sample.owners.begin(), sample.owners.end(), [](const auto& a, const auto& b) {
        return std::pair(a.leaked + a.dead, a.half_closed) >
               std::pair(b.leaked + b.dead, b.half_closed);
    });
    if (sample.owners.size() > exporters::kMaxLeakOwners) {
        sample.owners.resize(exporters::kMaxLeakOwners);
    }
    return sample;
}

bool same_numbers(const history::CountSample& a, const history::CountSample& b) {
    const auto same_state = [](const auto& one, const auto& other) {
        return one.state == other.state && one.custody == other.custody &&
               one.sockets == other.sockets;
    };
    return a.owners == b.owners && std::equal(a.states.begin(), a.states.end(), b.states.begin(),
                                              b.states.end(), same_state);
}

}  // namespace halfclosed
