#pragma once

#include <array>
#include <cstdint>

namespace year {

/// Nanoseconds, on the virtual CLOCK_MONOTONIC where nothing else is said.
using Time = std::int64_t;

inline constexpr Time kMillisecond = 1'000'000;
inline constexpr Time kSecond = 1'000 * kMillisecond;
inline constexpr Time kMinute = 60 * kSecond;
inline constexpr Time kHour = 60 * kMinute;
inline constexpr Time kDay = 24 * kHour;
inline constexpr Time kNever = INT64_MAX;

/// The kernel's numbers (include/net/tcp_states.h); CLOSE: in no table.
enum class State : std::uint8_t {
    established = 1,
    fin_wait1 = 4,
    fin_wait2 = 5,
    time_wait = 6,
    close = 7,
    close_wait = 8,
    last_ack = 9,
    listen = 10,
    closing = 11,
};

/// What happens to a connection, as this host's kernel sees it.
enum class Action : std::uint8_t {
    none,
    accept,          ///< the application takes it from the accept queue
    peer_closes,     ///< the peer's FIN
    reads_end,       ///< read() returns 0: nothing is left in the receive queue
    closes,          ///< close() of the last descriptor
    shuts_down,      ///< shutdown(SHUT_WR)
    fin_acked,       ///< the peer's ACK of our FIN
    peer_resets,     ///< a RST of the peer's
    peer_gives_up,   ///< retransmissions or probes of an orphan are over
    timer_ends,      ///< of a minisock
    resets_quickly,  ///< a RST, and the application closes at once
};

struct Step {
    Time after = 0;  ///< the step before
    Action action = Action::none;
};

/// A TCP socket of the generated host. Plain data: a run is saved and goes on as bytes.
struct Connection {
    static constexpr std::size_t kMostSteps = 8;

    std::uint64_t cookie = 0;  ///< 0: the slot is free
    std::uint32_t generation = 0;
    std::uint32_t inode = 0;  ///< 0: nobody's yet, or an orphan
    std::uint32_t remote = 0;
    std::uint16_t local_port = 0;
    std::uint16_t remote_port = 0;
    State state = State::established;
    bool ipv6 = false;
    bool minisock = false;
    bool sends = false;         ///< in CLOSE-WAIT the application goes on sending
    bool shut = false;          ///< shutdown(SHUT_WR) was called
    bool linked = false;        ///< its descriptor is in the generated /proc
    std::uint8_t timer = 0;     ///< idiag_timer
    std::int32_t process = -1;  ///< which holds the descriptor, -1: none
    std::int32_t descriptor = -1;
    std::uint32_t receive_queue = 0;
    Time since = 0;      ///< in its state
    Time deadline = 0;   ///< of its timer
    Time last_data = 0;  ///< received
    Time last_sent = 0;
    std::array<Step, kMostSteps> steps{};
    std::uint32_t next_step = 0;

    bool used() const { return cookie != 0; }
    bool half_closed() const {
        return state == State::fin_wait1 || state == State::fin_wait2 ||
               state == State::close_wait || state == State::last_ack || state == State::closing;
    }
};

}  // namespace year
