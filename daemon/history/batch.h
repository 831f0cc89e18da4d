#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "history/recorded_socket.h"
#include "tracking/state_machine.h"

namespace halfclosed::history {

/// How many sockets there were at one moment.
struct CountSample {
    struct State {
        TcpState state{};
        tracking::Custody custody{};
        std::uint64_t sockets = 0;
        Duration oldest{0};

        bool operator==(const State&) const = default;
    };
    struct OwnerCount {
        std::string name;
        std::uint64_t half_closed = 0;
        std::uint64_t leaked = 0;
        std::uint64_t dead = 0;

        bool operator==(const OwnerCount&) const = default;
    };
    struct Step {
        tracking::Edge edge{};
        std::uint64_t count = 0;  ///< of sockets that went it since the sample before

        bool operator==(const Step&) const = default;
    };

    std::vector<State> states;       ///< those of which there are any
    std::vector<OwnerCount> owners;  ///< those with the most leaks
    std::vector<Step> steps;         ///< those that were taken

    bool operator==(const CountSample&) const = default;
};

/// The end of a socket that was written before, where there was no room for more.
struct SocketEnd {
    Cookie cookie{};
    Moment ended;
    std::string how;

    bool operator==(const SocketEnd&) const = default;
};

/// What is written at once.
struct Batch {
    Moment now;
    Moment observed_since;  ///< the looks have had no gap since then
    std::vector<RecordedSocket> sockets;
    std::map<NamespaceId, std::string> namespaces;  ///< of the sockets, as far as they have a name
    std::vector<SocketEnd> ends;
    std::optional<CountSample> counts;  ///< nothing: as the time before
    std::vector<Cookie> added;          ///< of the sockets, those that no batch had before
};

}  // namespace halfclosed::history
