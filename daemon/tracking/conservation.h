#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <tuple>

#include "records/exact_counts.h"
#include "records/socket_record.h"
#include "tracking/watched_ports.h"

namespace halfclosed::tracking {

/// How the counted steps and the sockets that are there agree, all ports, sides and states together.
struct Conserved {
    std::uint64_t counted = 0;  ///< half-closed and TIME-WAIT sockets of the last census
    std::uint64_t expected =
        0;               ///< by the steps; where they leave room, what is nearest to `counted`
    bool within = true;  ///< every port, side and state agrees
    bool agrees = true;  ///< false after three censuses in a row in which one did not

    /// Together with those of another namespace.
    void add(const Conserved& other);

    bool operator==(const Conserved&) const = default;
};

/// Holds the steps that the kernel's programs counted against the sockets that a census finds: of each port, side and
/// state, those that came less those that left since an earlier census are those that are there now.
///
/// A census takes its time. What came and left meanwhile, between a reading of the counts before and one after, it may or
/// may not have seen: that much it may differ by. How many there were at the beginning is known as well as the first
/// census saw it, and better after one during which nothing moved.
class Conservation {
 public:
    static constexpr unsigned kStrikes = 3;

    using Key = std::tuple<std::uint16_t, Side, TcpState>;
    using Sockets = std::map<Key, std::int64_t>;

    /// One more that a census has found, if it is half-closed or in TIME-WAIT. Sockets of MPTCP are none of those whose
    /// steps are counted.
    static void count(Sockets& sockets, const SocketRecord& record, const PortMatch& watched);

    /// `before` and `after`: the steps of the namespace of which `sockets` are.
    Conserved judge(const ExactTotals& before, Sockets sockets, const ExactTotals& after);

 private:
    static constexpr std::array kStates{TcpState::fin_wait1,  TcpState::fin_wait2,
                                        TcpState::close_wait, TcpState::last_ack,
                                        TcpState::closing,    TcpState::time_wait};
    struct Flow {
        std::int64_t came = 0;
        std::int64_t left = 0;
        std::int64_t net() const { return came - left; }
    };
    /// How many there were before anything was counted: at least and at most.
    struct Base {
        std::int64_t least = 0;
        std::int64_t most = 0;
    };
    static std::map<Key, Flow> flows(const ExactTotals& totals);

    std::map<Key, Base> bases_;
    bool begun_ = false;
    unsigned strikes_ = 0;
};

}  // namespace halfclosed::tracking
