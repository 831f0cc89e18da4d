#pragma once

namespace halfclosed::posix {

/// Sees to it that descriptors 0, 1 and 2 are taken. If a program is started with one of them closed, it would otherwise
/// find its log in the next socket or state file that gets the number.
void keep_standard_streams_taken();

}  // namespace halfclosed::posix
