#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "records/exact_counts.h"
#include "records/instant.h"

namespace halfclosed::tracking {

/// What the kernel's programs know of half-closed sockets that no look tells. There may be a hundred thousand: 24 bytes of
/// each, in the order of their cookies, and 16 more of one whose end-of-file was read.
class Annotations {
 public:
    struct Note {
        std::optional<Instant>
            since;  ///< in its state; nothing if it was there before the programs
        std::optional<ExactSocket::EndRead> end_read;
    };

    void reserve(std::size_t sockets) { entries_.reserve(sockets); }
    void add(const ExactSocket& socket);

    /// After the last add(), before the first find().
    void sort();

    /// Nothing if the programs do not know the socket, or know it in another state: it has gone on meanwhile.
    std::optional<Note> find(Cookie cookie, TcpState state) const;

 private:
    static constexpr std::uint32_t kNotRead = UINT32_MAX;

    struct Entry {
        Cookie cookie{};
        Instant since;  ///< Instant{}: not known
        std::uint32_t end_read = kNotRead;
        TcpState state{};
    };

    std::vector<Entry> entries_;
    std::vector<ExactSocket::EndRead> end_reads_;
};

}  // namespace halfclosed::tracking
