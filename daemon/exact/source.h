#pragma once

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "records/exact_counts.h"
#include "records/port_range.h"

namespace halfclosed::exact {

/// Whether this program was built with what the exact source needs (libbpf).
bool is_built_in();

/// The kernel's own word on the closing half of TCP: small programs in the kernel (daemon/exact/bpf) that count every
/// step and every reset of the watched ports and namespaces in per-CPU maps, and keep a table of the sockets that are
/// half-closed. Nothing is an event that can be lost. Needs CAP_BPF and CAP_PERFMON. The programs and maps are gone with
/// the process, unless they are pinned. Several processes may each have one. Not for use by two threads at a time.
class Source {
 public:
    struct Options {
        /// A directory of a BPF file system (bpf(2)): programs and maps are pinned there and go on counting when this
        /// process ends; one that starts with the same directory goes on with what they counted. Empty: not pinned.
        std::string pin_directory;
    };

    /// Loads and attaches the programs; nothing is counted before watch(). Throws posix::Error that says what is missing.
    explicit Source(const Options& options);
    Source() : Source(Options{}) {}
    ~Source();
    Source(Source&&) noexcept;
    Source& operator=(Source&&) noexcept;

    /// Counts these ports of this namespace from now on, and none of its others; no ports: every port. What was counted
    /// stays, and what is half-closed already is counted to its end. A local port that is listened to makes a socket a
    /// server's: those that begin to listen from now on tell themselves, `listened` did so before. False if there is no
    /// room for one more namespace: then nothing of it is counted. Throws posix::Error.
    bool watch(NamespaceId space, const std::vector<PortRange>& ports,
               const std::vector<std::uint16_t>& listened = {});

    /// As `listened` of watch(), for a namespace that is watched.
    void note_listeners(NamespaceId space, const std::vector<std::uint16_t>& ports);

    /// The namespaces that are watched: after the start, those that what was pinned watches.
    std::vector<NamespaceId> watched() const;

    /// Counts nothing of these any more, and forgets their sockets. What was counted of them is from now on what was
    /// counted of no namespace: NamespaceId{}.
    void leave(const std::set<NamespaceId>& spaces);

    /// Sockets of this namespace, which is watched, stay among sockets() when they are over: for few of them.
    void keep_all(NamespaceId space);

    /// Everything that was counted since the programs were attached. Throws posix::Error.
    ExactTotals read() const;

    /// Calls `use` with each half-closed socket of the watched namespaces; of those that were half-closed before, the ones
    /// that have taken a step since or were given to adopt(). There may be a hundred thousand. Throws posix::Error.
    void for_each_socket(const std::function<void(const ExactSocket&)>& use) const;

    /// All of them: where there are few.
    std::vector<ExactSocket> sockets() const;

    /// Those of `sockets` that are in CLOSE while a descriptor holds them still. Throws posix::Error.
    std::unordered_set<Cookie> held_after_close(std::span<const Cookie> sockets) const;

    /// Before a dump whose sockets are to be adopted, and after they were: what ends in between is not put back. It holds
    /// for ten seconds at most.
    void begin_adoption();
    void end_adoption();

    /// Puts a half-closed socket that is not known yet into the table. `key`: what its steps are counted for.
    void adopt(const ExactKey& key, const SocketRecord& record);

    /// A get said that this minisock, which the table has in FIN-WAIT-2, is in TIME-WAIT: the step is counted now, if it
    /// was not. Kernels before 6.11 do not tell of it when it happens.
    void confirm_time_wait(Cookie socket);

    /// Gets said that this socket is gone, and no program was told: its last step is counted now, if one way only leads there.
    void confirm_gone(Cookie socket, Instant now);

    /// Whether the table or the counters ran full: counts by port are not whole then.
    bool overflowed() const;

    /// What this kernel lacks, a line each: what is left out.
    const std::vector<std::string>& left_out() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace halfclosed::exact
