/** Nothing more to do: the bootstrap has installed the locked dependencies before it came here. */
