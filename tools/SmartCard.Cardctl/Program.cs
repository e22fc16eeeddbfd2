using SmartCard.Cardctl;

return CardctlCommandLine.Run(args, Console.Out, Console.Error);
