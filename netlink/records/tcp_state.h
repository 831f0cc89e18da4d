#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

namespace halfclosed {

/// The states of RFC 9293 section 3.3.2 with the kernel's numbers (include/net/tcp_states.h), and the two that
/// the kernel adds. A number that is not named here is kept as it came: it is data, not an error.
enum class TcpState : std::uint8_t {
    established = 1,
    syn_sent = 2,
    syn_recv = 3,
    fin_wait1 = 4,
    fin_wait2 = 5,
    time_wait = 6,
    close = 7,
    close_wait = 8,
    last_ack = 9,
    listen = 10,
    closing = 11,
    new_syn_recv = 12,    ///< a request socket; in a reply it is reported as syn_recv
    bound_inactive = 13,  ///< bound, neither listening nor connected
};

/// The name in metrics and JSON, in node_exporter's spelling: "close_wait"; "unknown(14)" for other numbers.
std::string name(TcpState state);

/// A set of states, as the bit mask of a dump request: bit n is state n.
class StateSet {
 public:
    constexpr StateSet() = default;
    constexpr StateSet(std::initializer_list<TcpState> states) {
        for (const TcpState state : states) {
            bits_ |= bit(state);
        }
    }
    constexpr StateSet(StateSet base, std::initializer_list<TcpState> more) : StateSet(more) {
        bits_ |= base.bits_;
    }
    constexpr bool contains(TcpState state) const { return (bits_ & bit(state)) != 0; }
    constexpr std::uint32_t bits() const { return bits_; }
    constexpr bool operator==(const StateSet&) const = default;

 private:
    static constexpr std::uint32_t bit(TcpState state) {
        return std::uint32_t{1} << (static_cast<unsigned>(state) & 31U);
    }
    std::uint32_t bits_ = 0;
};

/// Between one side's FIN and the other's: what the closing poll asks for.
inline constexpr StateSet kHalfClosedStates{TcpState::fin_wait1, TcpState::fin_wait2,
                                            TcpState::close_wait, TcpState::last_ack,
                                            TcpState::closing};

/// Every socket in the kernel's hash tables: all states but bound_inactive, which is in none of them.
inline constexpr StateSet kAllStates{
    TcpState::established, TcpState::syn_sent,  TcpState::syn_recv, TcpState::fin_wait1,
    TcpState::fin_wait2,   TcpState::time_wait, TcpState::close,    TcpState::close_wait,
    TcpState::last_ack,    TcpState::listen,    TcpState::closing,  TcpState::new_syn_recv};

}  // namespace halfclosed
