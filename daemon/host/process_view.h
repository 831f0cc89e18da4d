#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace halfclosed::host {

/// Whose descriptors may be read here. What cannot be seen is not "is not there".
struct ProcessView {
    /// The processes of every user and namespace, but for one that a security module shields.
    bool whole = true;
    std::string limit;   ///< all that stands in the way, for a sentence; empty if nothing does
    std::string remedy;  ///< what would help on this machine, all of it together
    std::string
        unlisted;  ///< of that, why /proc has no entry for some processes; empty if it has one for each

    bool operator==(const ProcessView&) const = default;
};

/// What the view depends on.
struct ProcessRights {
    bool initial_pid_namespace = true;
    bool initial_user_namespace = true;
    bool init_visible = true;  ///< /proc shows process 1: no hidepid, no ProtectProc
    bool ptrace = true;        ///< CAP_SYS_PTRACE is effective
    bool read_search = true;   ///< CAP_DAC_READ_SEARCH is effective
};

ProcessView process_view(const ProcessRights& rights);

/// The set CapEff of /proc/PID/status (proc_pid_status(5)); 0 if the text has none.
std::uint64_t parse_effective_capabilities(std::string_view status);

/// Of the calling process, now. Throws Error if /proc cannot be read.
ProcessView read_process_view();

}  // namespace halfclosed::host
