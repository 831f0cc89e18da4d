#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "exact/bpf/layout_in_cpp.h"
#include "posix/file.h"

namespace halfclosed::exact {

/// The table of half-closed sockets that the programs in the kernel keep: places, which is memory that they and
/// this process share, and a hash for those whose place is taken. The programs change it all the time: what is read of a
/// socket is as it was at some moment of the call, or partly as of the step after. All throw posix::Error.
class SocketTable {
 public:
    /// The memory and the hash; both outlive it.
    SocketTable(exact_shared& shared, const posix::Descriptor& hash);

    /// Calls `use(cookie, socket)` for each that is not over.
    void for_each(const std::function<void(std::uint64_t, const exact_socket&)>& use) const;

    std::optional<exact_socket> find(std::uint64_t cookie) const;

    /// How long what is over may stay in the table after keep_over().
    static constexpr std::chrono::seconds kLongestKept{10};

    /// From now on what is over stays in the table, though it is not told: add() will not put it back. Until
    /// give_up_over(), or for kLongestKept.
    void keep_over() const;
    void give_up_over() const;

    /// Adds one that is not there; a full table counts itself.
    void add(std::uint64_t cookie, const exact_socket& socket) const;

    /// Takes it out; of several who try, the programs among them, one is given it.
    std::optional<exact_socket> take(std::uint64_t cookie) const;

 private:
    std::optional<exact_socket> read_place(std::uint64_t cookie) const;
    std::optional<exact_socket> find_in_hash(std::uint64_t cookie) const;
    bool has_near_place(std::uint64_t cookie) const;
    bool add_to_far_place(std::uint64_t cookie, const exact_socket& socket) const;
    void add_to_hash(std::uint64_t cookie, const exact_socket& socket) const;

    exact_shared& shared_;
    int hash_;
};

}  // namespace halfclosed::exact
