#pragma once

#include <string>
#include <string_view>

#include "machine.h"

namespace year {

/// The generated part of /proc, as files below a directory: the network's counts, sysctls, and the processes with those
/// descriptors that are worth a look, of sockets that are half-closed or dead.
class ProcTree {
 public:
    explicit ProcTree(std::string place);

    /// Where a path of /proc is to be read instead; empty: where it says.
    std::string instead_of(std::string_view path) const;

    /// Whether what is below the path changes with the machine.
    static bool is_network(std::string_view path);
    static bool is_process(std::string_view path);

    /// The counts as they are now.
    void write_network(const Machine& machine);

    /// Processes and descriptors as they are now.
    void write_processes(Machine& machine);

 private:
    void write(const std::string& path, std::string_view text) const;
    void list(const Process& process) const;
    void replace(int& file, const std::string& path, std::string_view text) const;

    std::string place_;
    std::uint64_t written_segments_ =
        0;  ///< of the counts that were written last: each event moves them
    Time written_ = -1;
    int files_[4]{-1, -1, -1, -1};  ///< of the counts, open: they are written with every look
};

}  // namespace year
