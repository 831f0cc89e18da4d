#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "connection.h"
#include "random.h"

namespace year {

/// A process that holds descriptors.
struct Process {
    std::int32_t pid = 0;
    std::uint32_t service = 0;
    Time started = 0;  ///< on the boot clock
    std::int32_t next_descriptor = 3;
    bool listed = false;  ///< is in the generated /proc
};

/// What the kernel counts, under the names of /proc/net/snmp and netstat.
struct KernelCounters {
    std::uint64_t active_opens = 0, passive_opens = 0, estab_resets = 0, in_segs = 0, out_segs = 0,
                  out_rsts = 0;
    std::uint64_t tw = 0, tw_killed = 0, abort_on_close = 0, abort_on_timeout = 0;
};

/// As /proc/net/sockstat counts them.
struct TableCounts {
    std::uint64_t inuse = 0, inuse6 = 0, orphan = 0, tw = 0, established = 0, dead = 0;
};

/// A host and its TCP connections: what its kernel would say at any virtual moment. What is to come depends on the seed
/// alone, never on who looks.
class Machine {
 public:
    static constexpr std::uint16_t kServerPort = 9999;   ///< something listens there
    static constexpr std::uint16_t kClientPort = 8080;   ///< of others, to which this host connects
    static constexpr std::uint16_t kUnwatchedPort = 22;  ///< listened to, and not watched
    static constexpr std::uint32_t kServices = 6;
    static constexpr Time kMinisockLife = 60 * kSecond;

    Machine(std::uint64_t seed, Time start);

    /// Everything that happens until then. `suspended`: the boot clock's lead, for processes that start.
    void advance(Time to, Time suspended);

    const std::vector<Connection>& connections() const { return connections_; }
    std::vector<Connection>& connections() { return connections_; }
    const std::vector<Process>& processes() const { return processes_; }
    std::vector<Process>& processes() { return processes_; }
    const KernelCounters& counters() const { return counters_; }
    TableCounts count() const;
    Time now() const { return now_; }
    std::uint64_t born() const { return born_; }
    /// Processes that ended since the last call, by pid.
    std::vector<std::int32_t> take_ended() { return std::exchange(ended_, {}); }
    /// Descriptors that were linked in /proc and are closed since: pairs of pid and number.
    std::vector<std::pair<std::int32_t, std::int32_t>> take_closed() {
        return std::exchange(closed_, {});
    }

    void save(std::string& bytes) const;
    void load(const char*& bytes);

 private:
    struct Event {
        Time at = 0;
        std::uint32_t slot = 0;
        std::uint32_t generation = 0;
        bool operator<(const Event& other) const {  // of a heap: the earliest first
            return at != other.at ? at > other.at : slot > other.slot;
        }
    };

    void happen(Connection& connection);
    void act(Connection& connection, Action action);
    void schedule(Connection& connection);
    void schedule_at(Connection& connection, Time at);
    void enter(Connection& connection, State state);
    void become_minisock(Connection& connection, State state);
    void close_descriptor(Connection& connection);
    void reset(Connection& connection);
    void remove(Connection& connection);
    void take_descriptor(Connection& connection);
    std::uint32_t new_inode();

    void give_birth();
    Connection& new_connection(bool server);
    void live_actively(Connection& connection);
    void live_passively(Connection& connection);
    void leak(Connection& connection, Time least, Time most);
    void end_leak(Connection& connection, std::size_t step, Time held);
    void shut_down(Connection& connection);
    void close_at_once(Connection& connection);
    void wait_for_accept(Connection& connection);
    void send_on(Connection& connection);
    void stall(Connection& connection);
    void restart_service(std::uint32_t service);
    void start_process(std::uint32_t service);

    Random random_;
    Time now_ = 0;
    Time suspended_ = 0;
    Time next_birth_ = 0;
    Time next_restart_ = 0;
    std::uint64_t born_ = 0;
    std::uint64_t next_cookie_ = 1;
    std::uint32_t next_inode_ = 4'294'900'000U;  ///< it wraps on the third day
    std::int32_t next_pid_ = 4'194'000;          ///< below the largest pid_max: it wraps too
    std::uint16_t next_port_ = 32'768;
    KernelCounters counters_;
    std::vector<Connection> connections_;
    std::vector<std::uint32_t> free_;
    std::vector<Event> events_;
    std::vector<Process> processes_;
    std::vector<std::int32_t> ended_;
    std::vector<std::pair<std::int32_t, std::int32_t>> closed_;
};

}  // namespace year
