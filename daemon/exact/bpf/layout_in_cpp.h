#pragma once

#include <linux/types.h>

// The layout in C, for the reader.
#include "exact/bpf/layout.h"
