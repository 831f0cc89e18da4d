#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "records/socket_record.h"

namespace halfclosed::tracking {

/// A set of cookies in one flat array: eight bytes a slot, at most seven eighths full. 200,000 sockets
/// take 2 MiB.
class CookieSet {
 public:
    /// False if it was there already.
    bool insert(Cookie cookie);
    bool contains(Cookie cookie) const;
    std::size_t size() const { return size_; }
    void clear();

 private:
    std::size_t slot(std::uint64_t value) const;
    void grow();

    std::vector<std::uint64_t> slots_;  ///< 0: free (the kernel gives no cookie 0)
    std::size_t size_ = 0;
};

}  // namespace halfclosed::tracking
