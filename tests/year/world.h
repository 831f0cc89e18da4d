#pragma once

#include <string>
#include <vector>

#include "clock.h"
#include "ledger.h"
#include "machine.h"
#include "proc_tree.h"
#include "random.h"

namespace year {

/// The generated host with its clocks, its /proc, the ledger of the process that this library is loaded into, and the
/// line to who drives the run. Of one thread, but for the clock.
///
/// From the environment: YEAR_SEED; YEAR_PLACE, an empty directory for the generated /proc; YEAR_CONTROL, a descriptor of a
/// stream socket; YEAR_SAVED, a file that an earlier process saved, to go on from, and YEAR_PAUSE, the seconds since.
///
/// Orders, a line each, answered by a line that begins with the same word:
///   run UNTIL      goes on until that virtual CLOCK_MONOTONIC, in nanoseconds; answered when it is reached
///   watch PORT…    the ports that are watched from the daemon's next look on
///   ledger FILE    writes the ledger
///   save FILE      writes what another process needs to go on
class World {
 public:
    World(std::uint64_t seed, const std::string& place, int control);

    Clock& clock() { return clock_; }
    Machine& machine() { return machine_; }
    Ledger& ledger() { return ledger_; }
    ProcTree& proc() { return proc_; }

    /// Whether time stands still until the next order.
    bool stopped() const { return clock_.monotonic() >= until_; }

    /// Time goes on, to the moment at which a timer of the boot clock is due, or until it has to stop. Returns whether the
    /// timer is due.
    bool go_on(Time due_on_boot_clock);

    /// Carries out the orders that are there.
    void obey();

    void load(const std::string& file, Time pause);

 private:
    void carry_out(const std::string& order);
    void answer(const std::string& text);
    void save(const std::string& file) const;
    void happen();

    Clock clock_;
    Machine machine_;
    Ledger ledger_;
    ProcTree proc_;
    Random weather_;         ///< suspends and steps of the wall clock
    Time next_weather_ = 0;  ///< on CLOCK_MONOTONIC
    Time until_ = 0;         ///< stopped from the start
    std::uint64_t suspends_ = 0;
    std::uint64_t steps_ = 0;
    int control_;
    std::string unread_;
};

/// The one of this process; null in one that is not driven.
World* world();

}  // namespace year
