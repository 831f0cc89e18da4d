#pragma once

#include "posix/error.h"

namespace halfclosed::host {

/// This process was not given a view of it: not a fault, and not "is not there".
class NotVisible : public posix::Error {
 public:
    using Error::Error;
};

}  // namespace halfclosed::host
